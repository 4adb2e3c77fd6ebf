import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { App, Chart } from "cdk8s";

import { chartObjects } from "../../charts/chart-objects";
import { EdgeAgent } from "../../charts/edge-data/edge-agent";
import { Outbox } from "../../charts/edge-data/outbox";
import { MqttBroker } from "../../charts/mqtt/mqtt-broker";
import { mqttSecrets } from "../../charts/mqtt/secrets";
import { type RenderedCluster, renderFleet } from "../../charts/render";
import type { KubeObject } from "../../fleet/kubernetes/object";
import type { ClusterSpec, EdgeAgents, Fleet } from "../../fleet/model";
import { evaluate } from "../../policies/engine/evaluate";
import { rules } from "../../policies/rules";
import { edgeCluster, edgeFleet, gateways } from "../fixtures/edge-fleet";
import { smallFleet } from "../fixtures/small-fleet";
import { find, type PodOwner } from "./support/rendered";

const render = (changed: Partial<ClusterSpec> = {}): RenderedCluster =>
  renderFleet({ ...edgeFleet, clusters: [{ ...edgeCluster, ...changed }] })[0]!;
const withAgents = (changed: Partial<EdgeAgents>): RenderedCluster =>
  render({ edgeAgents: [{ ...gateways, ...changed }] });

const tokyo = render();
const agent = find<PodOwner>(tokyo, "StatefulSet", "agent-sydney-gw-01");
const pod = agent.spec.template.spec;

interface WithData extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}
const configOf = (rendered: RenderedCluster, name: string): any =>
  JSON.parse(find<WithData>(rendered, "ConfigMap", name).data["edge-agent.json"]!);
const acl = (rendered: RenderedCluster, broker: string): string[] =>
  find<WithData>(rendered, "ConfigMap", broker).data.acl!.split("\n\n");

describe("an edge agent", () => {
  it("runs on each node of its pools, and on no other", () => {
    const agents = tokyo.objects.filter(
      ({ kind, metadata }) => kind === "StatefulSet" && metadata.name!.startsWith("agent-"),
    );
    expect(agents.map(({ metadata }) => metadata.name)).toEqual(["agent-sydney-gw-01", "agent-sydney-gw-02"]);
    expect(JSON.stringify(pod.affinity)).toContain(
      '"matchFields":[{"key":"metadata.name","operator":"In","values":["sydney-gw-01"]}]',
    );
  });

  it("tolerates the taints of its node, and stays while the node is disconnected", () => {
    expect(pod.tolerations).toContainEqual({ key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" });
    for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
      expect(pod.tolerations).toContainEqual({ key, operator: "Exists", effect: "NoExecute" });
    }
  });

  it("has no token, no root, and writes only to its outbox", () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    const [container] = pod.containers;
    expect(container!.securityContext).toMatchObject({ readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
    const writable = container!.volumeMounts!.filter((mount) => !(mount as { readOnly?: boolean }).readOnly);
    expect(writable).toEqual([{ name: "outbox", mountPath: "/state" }]);
  });

  it("mounts a certificate of its own node only", () => {
    const secrets = pod.volumes!.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets).toEqual(["sydney-client-sydney-gw-01"]);
    expect(mqttSecrets(edgeCluster).map(({ name, commonName }) => `${name} ${commonName}`)).toEqual(
      expect.arrayContaining([
        "sydney-client-sydney-gw-01 client:sydney:sydney-gw-01",
        "sydney-client-sydney-gw-02 client:sydney:sydney-gw-02",
        "cloud-client-edge-ingest client:cloud:edge-ingest",
      ]),
    );
  });

  it("keeps its volume when it is deleted, with room for all classes", () => {
    const [claim] = agent.spec.volumeClaimTemplates!;
    expect(claim!.spec).toMatchObject({ storageClassName: "local-path", resources: { requests: { storage: "6Gi" } } });
    expect(agent.spec).toMatchObject({
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    const bytes = (configOf(tokyo, "agent-sydney-gw-01").classes as { maxBytes: number }[]).map(
      ({ maxBytes }) => maxBytes,
    );
    expect(bytes.reduce((sum, each) => sum + each)).toBeLessThan(6 * 2 ** 30);
  });

  it("has a configuration with absolute paths of its certificates", () => {
    expect(configOf(tokyo, "agent-sydney-gw-01")).toMatchObject({
      node: "sydney-gw-01",
      stateDir: "/state",
      uplink: {
        address: "mqtts://sydney.mqtt.svc:8883",
        tls: { ca: "/tls/ca.crt", certificate: "/tls/tls.crt", key: "/tls/tls.key" },
      },
      classes: [
        { name: "alarms", whenFull: "Refuse", maxMessageBytes: 16_384 },
        { name: "telemetry", whenFull: "DropOldest", maxAge: "960h" },
      ],
      sensors: [
        { name: "boiler", driver: "modbus", interval: "500ms", modbus: { address: "10.1.2.3:502", register: 7 } },
        { name: "trial", driver: "simulated", simulated: { mean: 20, period: "600000ms" } },
      ],
    });
  });

  // The agent's own tests parse the same files, with its strict parser.
  it.each(["broker", "listener"] as const)("has the configuration of the fixture with a relay by %s", (relay) => {
    const fixture = readFileSync(join(__dirname, "..", "fixtures", "edge-agents", `${relay}.json`), "utf8");
    const configMap = find<WithData>(withAgents({ relay }), "ConfigMap", "agent-sydney-gw-01");
    expect(configMap.data["edge-agent.json"]).toBe(fixture);
  });

  // The tests of the whole chain run these brokers.
  it.each(["cloud", "sydney"])("reaches the ingest through the broker %s of the fixture", (broker) => {
    const { data } = find<WithData>(tokyo, "ConfigMap", broker);
    const folder = join(__dirname, "..", "fixtures", "edge-brokers", broker);
    expect(Object.keys(data).sort()).toEqual(readdirSync(folder).sort());
    for (const [file, text] of Object.entries(data)) expect(text).toBe(readFileSync(join(folder, file), "utf8"));
  });

  it("takes devices' messages from a broker on one node only, so that each is kept once", () => {
    const [first, second] = [configOf(tokyo, "agent-sydney-gw-01"), configOf(tokyo, "agent-sydney-gw-02")];
    expect(first.routes).toEqual(gateways.routes);
    expect(first.relay.broker.address).toBe("mqtts://sydney.mqtt.svc:8883");
    expect(second).toMatchObject({ routes: [], relay: {} });
  });

  it("has a listener with a certificate and a Service on each node, if the fleet says so", () => {
    const rendered = withAgents({ relay: "listener" });
    for (const name of ["agent-sydney-gw-01", "agent-sydney-gw-02"]) {
      const config = configOf(rendered, name);
      expect(config.relay).toEqual({
        listen: {
          address: ":8883",
          tls: { certificate: "/listener-tls/tls.crt", key: "/listener-tls/tls.key", clientCA: "/listener-tls/ca.crt" },
        },
      });
      expect(find(rendered, "Service", name).spec).toMatchObject({ ports: [{ port: 8883 }] });
      expect(find(rendered, "NetworkPolicy", name).spec).toMatchObject({
        ingress: [{ ports: [{ port: 8650 }, { port: 8883 }] }],
      });
    }
    const listening = { ...edgeCluster, edgeAgents: [{ ...gateways, relay: "listener" as const }] };
    expect(mqttSecrets(listening).find(({ name }) => name === "agent-sydney-gw-01-tls")).toMatchObject({
      usage: "server",
      dnsNames: expect.arrayContaining(["agent-sydney-gw-01.mqtt.svc"]) as string[],
    });
  });

  it("connects to its broker, its sensors and DNS, and to nothing else", () => {
    const { egress } = find(tokyo, "NetworkPolicy", "agent-sydney-gw-01").spec as { egress: object[] };
    expect(egress).toEqual([
      expect.objectContaining({
        ports: [
          { protocol: "UDP", port: 53 },
          { protocol: "TCP", port: 53 },
        ],
      }),
      {
        to: [
          {
            podSelector: {
              matchLabels: { "app.kubernetes.io/name": "mosquitto", "app.kubernetes.io/instance": "sydney" },
            },
          },
        ],
        ports: [{ protocol: "TCP", port: 8883 }],
      },
      { to: [{ ipBlock: { cidr: "10.1.2.3/32" } }], ports: [{ protocol: "TCP", port: 502 }] },
    ]);
  });

  it("sends to the cloud broker where its region has no broker", () => {
    const rendered = render({ brokers: [], edgeAgents: [gateways] });
    expect(configOf(rendered, "agent-sydney-gw-01").uplink.address).toBe("mqtts://cloud.mqtt.svc:8883");
    expect(acl(rendered, "cloud")).toContainEqual(expect.stringMatching(/^user client:cloud:sydney-gw-01\n/));
  });

  it("is named after its node, also if that has dots", () => {
    const nodePools = edgeCluster.nodePools.map((pool) =>
      pool.name === "sydney-gw" ? { ...pool, nodes: { names: ["a.example", "b.example"] } } : pool,
    );
    const rendered = render({ nodePools, kubeconfig: { path: "kubeconfig" } });
    expect(find<PodOwner>(rendered, "StatefulSet", "agent-a-example").spec.template.spec.affinity).toBeDefined();
    expect(configOf(rendered, "agent-a-example").node).toBe("a.example");
  });
});

describe("the way of a message and of its acknowledgement", () => {
  it("lets a node publish only under its own name", () => {
    expect(acl(tokyo, "sydney")).toContainEqual(
      [
        "user client:sydney:sydney-gw-02",
        "topic write skerry/v1/up/sydney-gw-02/+",
        "topic write skerry/v1/losses/sydney-gw-02/+",
        "topic write skerry/v1/reported/sydney-gw-02",
        "topic read skerry/v1/ack/sydney-gw-02/+",
        "topic read skerry/v1/config/sydney-gw-02\n",
      ].join("\n"),
    );
  });

  it("bridges messages up, and acknowledgements and configuration down, for the nodes of the region", () => {
    const conf = find<WithData>(tokyo, "ConfigMap", "sydney").data["mosquitto.conf"]!;
    expect(conf.split("\n").filter((line) => line.startsWith("topic ") && line.includes("sydney-gw-01"))).toEqual([
      "topic skerry/v1/up/sydney-gw-01/+ out 1",
      "topic skerry/v1/losses/sydney-gw-01/+ out 1",
      "topic skerry/v1/reported/sydney-gw-01 out 1",
      "topic skerry/v1/ack/sydney-gw-01/+ in 1",
      "topic skerry/v1/config/sydney-gw-01 in 1",
    ]);
    const [, bridge] = acl(tokyo, "cloud");
    expect(bridge).toMatch(/^user bridge:sydney\n/);
    expect(bridge).toContain("topic write skerry/v1/up/sydney-gw-01/+");
    expect(bridge).toContain("topic read skerry/v1/ack/sydney-gw-01/+");
    expect(bridge).not.toMatch(/skerry\/v1\/(up|ack)\/[#+]/);
  });

  it("lets the ingest read the messages of all nodes and acknowledge them", () => {
    expect(acl(tokyo, "cloud")).toContainEqual(
      "user client:cloud:edge-ingest\ntopic write skerry/v1/ack/+/+\ntopic read skerry/v1/up/+/+\ntopic read skerry/v1/losses/+/+\n",
    );
  });

  it("gives brokers memory for the acknowledgements of every agent", () => {
    const limit = (from: RenderedCluster, name: string): number =>
      parseInt(find<PodOwner>(from, "StatefulSet", name).spec.template.spec.containers[0]!.resources.limits.memory!);
    const without = render({ edgeAgents: [], edgeIngest: undefined });
    const { memoryMiB } = edgeCluster.brokers[0]!.queue;
    // One agent relays and may have a full queue; both have acknowledgements.
    expect(limit(tokyo, "sydney") - limit(without, "sydney")).toBe(memoryMiB + 2);
    // The ingest may have a full queue; the bridge holds the acknowledgements of both agents.
    expect(limit(tokyo, "cloud") - limit(without, "cloud")).toBe(memoryMiB + 2);
  });
});

describe("the ingest", () => {
  const ingest = find<PodOwner>(tokyo, "Deployment", "edge-ingest");

  it("runs once, beside the cloud broker, with a certificate of its own", () => {
    const { replicas, template } = ingest.spec;
    expect(replicas).toBe(1);
    expect(ingest.spec).toMatchObject({ strategy: { type: "Recreate" } });
    const broker = find<PodOwner>(tokyo, "StatefulSet", "cloud").spec.template.spec;
    expect(template.spec.nodeSelector).toEqual(broker.nodeSelector);
    expect(template.spec.volumes!.map(({ secret }) => secret?.secretName)).toEqual([
      "cloud-client-edge-ingest",
      "edge-database",
    ]);
  });

  it("reads the password of the database from a file", () => {
    const args = ingest.spec.template.spec.containers[0]!.args!;
    expect(args).toContain(
      "--database=postgres://ingest@postgres.example:5432/edge?sslmode=verify-full&sslrootcert=/database/ca.crt",
    );
    expect(args).toContain("--database-password-file=/database/password");
  });

  describe("with SQLite", () => {
    const rendered = render({ edgeIngest: { sqlite: { storageGiB: 2 } } });
    const { spec } = find<PodOwner>(rendered, "Deployment", "edge-ingest").spec.template;

    it("writes only to a volume of its own", () => {
      const [container] = spec.containers;
      expect(container!.args).toContain("--database=sqlite:/data/edge.db");
      expect(container!.args!.join(" ")).not.toContain("password");
      expect(container!.volumeMounts).toContainEqual({ name: "data", mountPath: "/data" });
      expect(spec.volumes).toContainEqual({ name: "data", persistentVolumeClaim: { claimName: "edge-ingest" } });
      expect(find<PodOwner>(rendered, "PersistentVolumeClaim", "edge-ingest").spec).toMatchObject({
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "2Gi" } },
      });
    });

    it("connects to nothing but DNS and the broker", () => {
      const { egress } = find<PodOwner>(rendered, "NetworkPolicy", "edge-ingest").spec as unknown as {
        readonly egress: readonly { readonly ports: readonly { readonly port: number }[] }[];
      };
      expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port)).sort()).toEqual([53, 53, 8883]);
    });
  });
});

it("violates no rule that the fleet does not violate without edge data", () => {
  const findingsOf = (fleet: Fleet): string[] => {
    const clusters = renderFleet(fleet).map(({ definitions, objects }) => ({
      kubernetesVersion: "1.36.3",
      objects: [...definitions, ...objects],
    }));
    const { findings } = evaluate(rules, { fleet, clusters }, { environment: "production", today: "2026-11-27" });
    return findings.map((finding) => JSON.stringify(finding));
  };
  const before = findingsOf(smallFleet);
  expect(before.length).toBeGreaterThan(0);
  expect(findingsOf(edgeFleet)).toEqual(before);
});

describe("the constructs for a team's own chart", () => {
  const outbox = {
    name: "telemetry",
    messagesPerSecond: 10,
    messageBytes: 524,
    outageDays: 30,
    whenFull: "DropOldest",
  } as const;

  it("refuse an outbox that does not fit on the device", () => {
    const chart = new Chart(new App(), "press");
    new Outbox(chart, "outbox", { diskGiB: 8, classes: [outbox] });
    expect(() => chartObjects(chart)).toThrow(
      "press/outbox: classes: the messages need 13.1 GiB (telemetry: 30 days at 10 messages/s of 524 bytes), more than 8 GiB; at most 18.3 days fit: shorten outageDays",
    );
  });

  it("refuse an outbox that does not fit in its volume", () => {
    const chart = new Chart(new App(), "press");
    new Outbox(chart, "outbox", { diskGiB: 64, storageGiB: 8, classes: [outbox] });
    expect(() => chartObjects(chart)).toThrow("raise storageGiB");
  });

  it("render a broker and an agent that know each other", () => {
    const chart = new Chart(new App(), "press", { disableResourceNameHashes: true });
    const node = "press-01";
    new MqttBroker(chart, "broker", {
      name: "press",
      bridge: { to: "cloud", send: ["skerry/v1/up/press-01/+"], receive: ["skerry/v1/ack/press-01/+"] },
      clients: [{ name: node, publish: ["skerry/v1/up/press-01/+"], subscribe: ["skerry/v1/ack/press-01/+"] }],
    });
    new EdgeAgent(chart, "agent", {
      name: "agent",
      node,
      broker: "press",
      outbox: new Outbox(chart, "outbox", { diskGiB: 64, classes: [{ ...outbox, outageDays: 2 }] }),
    });
    const objects = chartObjects(chart);
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      "ConfigMap/press",
      "Service/press",
      "NetworkPolicy/press",
      "StatefulSet/press",
      "ConfigMap/agent",
      "NetworkPolicy/agent",
      "StatefulSet/agent",
    ]);
    const [secret] = find<PodOwner>({ objects }, "StatefulSet", "agent").spec.template.spec.volumes!.slice(1);
    expect(secret!.secret!.secretName).toBe("press-client-press-01");
  });
});
