import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { brokerFiles } from "../../charts/mqtt/broker-files";
import { cloudBrokerSettings, edgeBrokerSettings } from "../../charts/mqtt/broker-settings";
import { mqttSecrets } from "../../charts/mqtt/secrets";
import { renderFleet } from "../../charts/render";
import { createAuthority, issueCertificate } from "../../fleet/pki";
import { edgeCluster, edgeFleet } from "../fixtures/edge-fleet";
import { BrokerProcess, type Files, freePort } from "./support/broker-process";
import { findMosquitto } from "./support/installed-mosquitto";
import { type Credentials, type MqttTarget, publish, Subscription } from "./support/mqtt-client";

const { programs, suite, reason } = findMosquitto("test/integration/mosquitto-edge-data.test.ts");
const [mosquitto = "", publisher = "", subscriber = ""] = programs;

const HOST = "127.0.0.1";
const [ownTopic, otherTopic] = ["skerry/v1/up/sydney-gw-01/telemetry", "skerry/v1/up/sydney-gw-02/telemetry"];
const objects = renderFleet(edgeFleet)[0]!.objects;

suite(`edge data through the rendered brokers${reason}`, () => {
  jest.setTimeout(120_000);

  let folder: string;
  const brokers: BrokerProcess[] = [];
  const clients: Record<string, Credentials> = {};
  const open: Subscription[] = [];
  let atCloud: MqttTarget;
  let atEdge: MqttTarget;

  async function subscribe(target: MqttTarget, client: string, ...topics: string[]): Promise<Subscription> {
    const subscription = await Subscription.open(target, clients[client]!, topics);
    open.push(subscription);
    return subscription;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "skerry-edge-data-"));
    chmodSync(folder, 0o755);
    const authority = await createAuthority({ commonName: "tokyo MQTT", years: 1 });
    const secrets = new Map<string, Files>();
    for (const { name, commonName, usage, dnsNames } of mqttSecrets(edgeCluster)) {
      const ipAddresses = usage === "server" ? [HOST] : [];
      const issued = await issueCertificate(authority, { commonName, usage, dnsNames, ipAddresses, days: 1 });
      const files = { "ca.crt": authority.certificate, "tls.crt": issued.certificate, "tls.key": issued.key };
      secrets.set(name, files);
      const path = (file: string): string => join(folder, "clients", name, file);
      mkdirSync(join(folder, "clients", name), { recursive: true });
      Object.entries(files).forEach(([file, text]) => writeFileSync(path(file), text, { mode: 0o600 }));
      clients[name] = { ca: path("ca.crt"), certificate: path("tls.crt"), key: path("tls.key") };
    }
    const [cloudPort, edgePort] = [await freePort(HOST), await freePort(HOST)];
    const remote = { host: HOST, port: cloudPort };
    const start = async (name: string, port: number, config: Files): Promise<MqttTarget> => {
      const statefulSet = objects.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === name)!;
      const broker = new BrokerProcess(mosquitto, join(folder, name), HOST, port, { statefulSet, config, secrets });
      brokers.push(broker);
      await broker.start();
      return { publisher, subscriber, host: HOST, port };
    };
    const cloudSettings = cloudBrokerSettings(edgeCluster, edgeCluster.cloudBroker!);
    const edgeSettings = edgeBrokerSettings(edgeCluster, edgeCluster.brokers[0]!);
    atCloud = await start(
      "cloud",
      cloudPort,
      brokerFiles(cloudSettings, { listenAddress: HOST, listenPort: cloudPort }),
    );
    atEdge = await start(
      "sydney",
      edgePort,
      brokerFiles(edgeSettings, { listenAddress: HOST, listenPort: edgePort, remote }),
    );
    const state = await subscribe(atCloud, "cloud-client-dashboard", "$SYS/broker/connection/+/state");
    await state.receives("1", 60_000);
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((subscription) => subscription.close()));
  });

  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.stop("SIGKILL")));
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("carries a message up to the ingest, and its acknowledgement down to the node and to no other", async () => {
    const ingest = await subscribe(atCloud, "cloud-client-edge-ingest", "skerry/v1/up/+/+");
    const agent = await subscribe(atEdge, "sydney-client-sydney-gw-01", "skerry/v1/ack/sydney-gw-01/+");
    const other = await subscribe(atEdge, "sydney-client-sydney-gw-02", "skerry/v1/ack/+/+", "skerry/v1/up/+/+");
    expect(await publish(atEdge, clients["sydney-client-sydney-gw-01"]!, ownTopic, "reading")).toBe(0);
    await ingest.receives("reading");
    expect(ingest.messages).toEqual([{ topic: ownTopic, payload: "reading" }]);
    const ack = (node: string) => `skerry/v1/ack/${node}/telemetry`;
    await publish(atCloud, clients["cloud-client-edge-ingest"]!, ack("sydney-gw-01"), "stored");
    await agent.receives("stored");
    await publish(atCloud, clients["cloud-client-edge-ingest"]!, ack("sydney-gw-02"), "for the other");
    await other.receives("for the other");
    expect(agent.payloads).toEqual(["stored"]);
    expect(other.payloads).toEqual(["for the other"]);
  });

  it("exchanges the state of each site with the cloud only, and configures the nodes of the site only", async () => {
    const hub = await subscribe(atCloud, "cloud-client-site-sync-cloud", "skerry/v1/sync/+/up");
    const other = await subscribe(atCloud, "cloud-client-site-sync-tokyo-edge", "skerry/v1/sync/+/down");
    const agent = await subscribe(atEdge, "sydney-client-sydney-gw-01", "skerry/v1/config/sydney-gw-01");
    // As site-sync subscribes: the access list selects the nodes.
    const reports = await subscribe(atEdge, "sydney-client-site-sync", "skerry/v1/reported/+");
    await publish(atCloud, clients["cloud-client-site-sync-sydney"]!, "skerry/v1/sync/tokyo-edge/up", "forged");
    await publish(atCloud, clients["cloud-client-site-sync-sydney"]!, "skerry/v1/sync/tokyo-edge/down", "forged");
    await publish(atCloud, clients["cloud-client-site-sync-sydney"]!, "skerry/v1/sync/sydney/up", "own");
    await hub.receives("own");
    await publish(atCloud, clients["cloud-client-site-sync-cloud"]!, "skerry/v1/sync/sydney/down", "for another site");
    await publish(atCloud, clients["cloud-client-site-sync-cloud"]!, "skerry/v1/sync/tokyo-edge/down", "own");
    await other.receives("own");
    expect([hub.payloads, other.payloads]).toEqual([["own"], ["own"]]);
    await publish(atEdge, clients["sydney-client-gateway"]!, "skerry/v1/config/sydney-gw-01", "forged");
    await publish(atEdge, clients["sydney-client-site-sync"]!, "skerry/v1/config/sydney-gw-01", "desired");
    await agent.receives("desired");
    expect(agent.payloads).toEqual(["desired"]);
    await publish(atEdge, clients["sydney-client-sydney-gw-01"]!, "skerry/v1/reported/sydney-gw-01", "in force");
    await reports.receives("in force");
  });

  it("lets no node publish as another one, and no client acknowledge", async () => {
    const ingest = await subscribe(atCloud, "cloud-client-edge-ingest", "skerry/v1/up/+/+");
    const agent = await subscribe(atEdge, "sydney-client-sydney-gw-01", "skerry/v1/ack/sydney-gw-01/+");
    const ackTopic = "skerry/v1/ack/sydney-gw-01/telemetry";
    await publish(atEdge, clients["sydney-client-sydney-gw-01"]!, otherTopic, "forged");
    await publish(atEdge, clients["sydney-client-gateway"]!, ownTopic, "forged");
    await publish(atEdge, clients["sydney-client-sydney-gw-02"]!, ackTopic, "forged");
    await publish(atCloud, clients["cloud-client-dashboard"]!, ackTopic, "forged");
    // The bridge's certificate is on the edge broker's node. It speaks for the nodes of its region only.
    await publish(atCloud, clients["sydney-bridge-tls"]!, "skerry/v1/up/tokyo-gw-01/telemetry", "forged");
    await publish(atEdge, clients["sydney-client-sydney-gw-02"]!, otherTopic, "own");
    await publish(atCloud, clients["cloud-client-edge-ingest"]!, ackTopic, "real");
    await ingest.receives("own");
    await agent.receives("real");
    expect(ingest.payloads).toEqual(["own"]);
    expect(agent.payloads).toEqual(["real"]);
  });
});
