import fc from "fast-check";
import { renderAcl } from "../../charts/mqtt/acl";
import { type BrokerFiles, brokerFiles } from "../../charts/mqtt/broker-files";
import { cloudBrokerSettings, edgeBrokerSettings } from "../../charts/mqtt/broker-settings";
import { mqttSecrets } from "../../charts/mqtt/secrets";
import { renderFleet } from "../../charts/render";
import type { Broker, ClusterSpec } from "../../fleet/model";
import { smallFleet } from "../fixtures/small-fleet";
import { LOST_NODE, arbitraryFleet } from "./support/arbitrary-fleet";
import { type PodOwner, find } from "./support/rendered";

const cluster = smallFleet.clusters[0]!;
const [sydney, tokyoEdge] = cluster.brokers as [ClusterSpec["brokers"][0], ClusterSpec["brokers"][0]];
const tokyo = renderFleet(smallFleet)[0]!;

const edgeFiles = (of: ClusterSpec, broker: Broker): BrokerFiles => brokerFiles(edgeBrokerSettings(of, broker));
const cloudFiles = (of: ClusterSpec): BrokerFiles => brokerFiles(cloudBrokerSettings(of, of.cloudBroker!));

/** Parses `key value` lines to a list of values per key. */
function settings(config: string): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const line of config.split("\n").filter((each) => each !== "" && !each.startsWith("#"))) {
    const [key, ...words] = line.split(" ");
    map.set(key!, [...(map.get(key!) ?? []), words.join(" ")]);
  }
  return map;
}

describe("mosquitto.conf", () => {
  it("has one listener, requires a client certificate, and limits all queues, for any fleet", () => {
    fc.assert(
      fc.property(arbitraryFleet, ({ clusters }) => {
        for (const each of clusters) {
          const { cloudBroker, brokers } = each;
          if (cloudBroker === undefined) continue;
          const all = [cloudFiles(each), ...brokers.map((broker) => edgeFiles(each, broker))];
          [cloudBroker, ...brokers].forEach(({ queue }, i) => {
            const config = settings(all[i]!["mosquitto.conf"]);
            expect(config.get("listener")).toEqual(["8883"]);
            for (const key of ["require_certificate", "use_identity_as_username"])
              expect(config.get(key)).toEqual(["true"]);
            expect(config.get("allow_anonymous")).toEqual(["false"]);
            expect(config.get("max_queued_messages")).toEqual([`${queue.messages}`]);
            expect(config.get("max_queued_bytes")).toEqual([`${queue.memoryMiB * 2 ** 20}`]);
            expect(config.get("message_size_limit")).toEqual([`${queue.messageKiB * 2 ** 10}`]);
            for (const key of ["memory_limit", "max_packet_size", "max_connections", "max_inflight_messages"]) {
              expect(Number(config.get(key))).toBeGreaterThan(0);
            }
          });
        }
      }),
    );
  });

  it("contains no absolute paths", () => {
    const config = settings(edgeFiles(cluster, sydney)["mosquitto.conf"]);
    const files = [...config].filter(([key]) => /file$|location$/.test(key)).flatMap(([, values]) => values);
    expect(files).toHaveLength(9);
    files.forEach((file) => expect(file).not.toMatch(/^\/|\.\./));
  });

  it("has an outgoing bridge to the Service of the cloud broker, and verifies its name", () => {
    const config = settings(edgeFiles(cluster, sydney)["mosquitto.conf"]);
    expect(config.get("connection")).toEqual(["sydney"]);
    expect(config.get("address")).toEqual(["cloud.mqtt.svc:8883"]);
    expect(config.get("topic")).toEqual(["sensors/# out 1"]);
    expect(config.get("bridge_insecure")).toEqual(["false"]);
    expect(config.get("cleansession")).toEqual(["false"]);
  });

  it("has no bridge if nothing is forwarded, nor on the cloud broker", () => {
    expect(settings(edgeFiles(cluster, tokyoEdge)["mosquitto.conf"]).has("connection")).toBe(false);
    expect(settings(cloudFiles(cluster)["mosquitto.conf"]).has("connection")).toBe(false);
  });
});

describe("the access list", () => {
  it("gives each client its topics, under the common name of its certificate", () => {
    expect(edgeFiles(cluster, sydney).acl.split("\n\n").slice(1)).toEqual([
      "user client:sydney:display\ntopic write display/#\ntopic read sensors/+/temperature",
      "user client:sydney:gateway\ntopic write sensors/#\ntopic read commands/#\n",
    ]);
  });

  it("lets a bridge publish its forwarded topics and its state, and subscribe to nothing", () => {
    expect(cloudFiles(cluster).acl.split("\n\n")[1]).toBe(
      "user bridge:sydney\ntopic write sensors/#\ntopic write $SYS/broker/connection/bridge-sydney/state",
    );
  });

  it.each(["a\nuser client:sydney:gateway", "a\rb", "with space", "", "a/#/b", "a/b#", "a+/b", "tab\there"])(
    "rejects the topic filter %j",
    (topic) => {
      expect(() => renderAcl([{ user: "client:sydney:gateway", publish: [topic], subscribe: [] }])).toThrow(
        JSON.stringify(topic),
      );
      expect(() => edgeFiles(cluster, { ...sydney, forward: [topic] })).toThrow("bridge of broker sydney");
    },
  );

  it("reports all malformed filters at once", () => {
    expect(() => renderAcl([{ user: "client:sydney:gateway", publish: ["a b"], subscribe: ["#/c"] }])).toThrow(
      'access list of client:sydney:gateway: got "a b", "#/c", must be topic filters',
    );
  });
});

describe("secrets", () => {
  it("are those that pods mount, and one per client", () => {
    expect(mqttSecrets(cluster).map(({ name, commonName, usage }) => [name, commonName, usage])).toEqual([
      ["cloud-client-dashboard", "client:cloud:dashboard", "client"],
      ["cloud-tls", "cloud.mqtt.svc", "server"],
      ["sydney-bridge-tls", "bridge:sydney", "client"],
      ["sydney-client-display", "client:sydney:display", "client"],
      ["sydney-client-gateway", "client:sydney:gateway", "client"],
      ["sydney-tls", "sydney.mqtt.svc", "server"],
      ["tokyo-edge-tls", "tokyo-edge.mqtt.svc", "server"],
    ]);
  });

  it("contain every DNS name of a server's Service, and none for clients", () => {
    const byName = new Map(mqttSecrets(cluster).map((secret) => [secret.name, secret.dnsNames]));
    expect(byName.get("cloud-tls")).toEqual(["cloud", "cloud.mqtt", "cloud.mqtt.svc", "cloud.mqtt.svc.cluster.local"]);
    expect(byName.get("sydney-bridge-tls")).toEqual([]);
  });

  it("have unique common names, for any fleet", () => {
    fc.assert(
      fc.property(arbitraryFleet, ({ clusters }) =>
        clusters.forEach((each) => {
          const names = mqttSecrets(each).map(({ commonName }) => commonName);
          expect(new Set(names).size).toBe(names.length);
        }),
      ),
    );
  });

  it("are rejected if two holders would share one", () => {
    const twin = { ...sydney, name: "sydney-bridge", clients: [] };
    expect(() => mqttSecrets({ ...cluster, brokers: [sydney, twin] })).toThrow("share sydney-bridge-tls");
  });

  it("are not needed without brokers", () => {
    expect(mqttSecrets(smallFleet.clusters[1]!)).toEqual([]);
  });

  it("are never rendered", () => {
    expect(JSON.stringify(tokyo)).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|BEGIN CERTIFICATE/);
    expect(tokyo.objects.filter(({ kind }) => kind === "Secret")).toEqual([]);
  });
});

describe("a broker's pod", () => {
  const edge = find<PodOwner>(tokyo, "StatefulSet", "sydney");
  const home = find<PodOwner>(tokyo, "StatefulSet", "cloud");

  it("runs on an edge node of its region and tolerates as few taints as possible", () => {
    const { schedulerName, nodeSelector, tolerations } = edge.spec.template.spec;
    expect(edge.spec.template.metadata.labels["required-region"]).toBe("sydney");
    expect(schedulerName).toBe("edge-scheduler");
    expect(nodeSelector).toEqual({ "node-type": "edge-worker" });
    // The gateway pool has one taint, the Raspberry Pi 4 pool has two.
    expect(tolerations!.filter(({ key }) => !LOST_NODE.includes(key))).toEqual([
      { key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" },
    ]);
  });

  it("runs on a cloud node of the home region for the cloud broker", () => {
    expect(home.spec.template.spec.nodeSelector).toEqual({
      "node-type": "cloud-worker",
      "topology.kubernetes.io/region": "tokyo",
    });
    expect(home.spec.template.spec.tolerations ?? []).toEqual([]);
  });

  it("stores its queue on a local volume of the specified size", () => {
    const [claim] = edge.spec.volumeClaimTemplates!;
    expect(claim!.spec).toMatchObject({ storageClassName: "local-path", resources: { requests: { storage: "1Gi" } } });
    const mount = edge.spec.template.spec.containers[0]!.volumeMounts!.find(
      ({ name }) => name === claim!.metadata.name,
    );
    expect(mount!.mountPath).toBe("/mosquitto/data");
  });

  it("has a higher memory limit than Mosquitto itself", () => {
    for (const owner of [edge, home]) {
      const config = find<PodOwner>(tokyo, "ConfigMap", owner.metadata.name!) as unknown as {
        data: Record<string, string>;
      };
      const heap = Number(settings(config.data["mosquitto.conf"]!).get("memory_limit")) / 2 ** 20;
      const limit = Number(/^(\d+)Mi$/.exec(owner.spec.template.spec.containers[0]!.resources.limits.memory!)![1]);
      expect(limit).toBeGreaterThan(heap);
    }
  });

  it("is the only one that restarts when its configuration changes", () => {
    const clients = [{ name: "gateway", publish: ["sensors/#"], subscribe: [] }];
    const changed = { ...cluster, brokers: [{ ...sydney, clients }, tokyoEdge] };
    const after = renderFleet({ ...smallFleet, clusters: [changed] })[0]!;
    const hash = (from: typeof tokyo, name: string) =>
      find<PodOwner>(from, "StatefulSet", name).spec.template.metadata.annotations!["checksum/config"];
    expect(hash(after, "sydney")).not.toBe(hash(tokyo, "sydney"));
    expect(hash(after, "cloud")).toBe(hash(tokyo, "cloud"));
    expect(hash(after, "tokyo-edge")).toBe(hash(tokyo, "tokyo-edge"));
  });
});

describe("traffic", () => {
  const policy = (name: string) => find(tokyo, "NetworkPolicy", name) as unknown as { spec: Record<string, unknown> };

  it("is denied by default", () => {
    expect(policy("deny-all").spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  it("is allowed to the TLS port, and from edge brokers to the cloud broker and DNS", () => {
    for (const name of ["sydney", "tokyo-edge", "cloud"]) {
      expect(policy(name).spec["ingress"]).toEqual([{ ports: [{ protocol: "TCP", port: 8883 }] }]);
    }
    const egress = policy("sydney").spec["egress"] as { ports: { port: number }[] }[];
    expect(egress.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[53, 53], [8883]]);
    expect(egress[1]).toMatchObject({
      to: [{ podSelector: { matchLabels: { "app.kubernetes.io/instance": "cloud" } } }],
    });
    expect(policy("cloud").spec["egress"] ?? []).toEqual([]);
    expect(policy("tokyo-edge").spec["egress"] ?? []).toEqual([]);
  });
});
