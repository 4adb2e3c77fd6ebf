import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokerFiles } from "../../charts/mqtt/broker-files";
import { cloudBrokerSettings, edgeBrokerSettings } from "../../charts/mqtt/broker-settings";
import { type MqttSecret, mqttSecrets } from "../../charts/mqtt/secrets";
import { renderFleet } from "../../charts/render";
import { type KeyPair, createAuthority, issueCertificate } from "../../fleet/pki";
import { smallFleet } from "../fixtures/small-fleet";
import { BrokerProcess, type Files, freePort } from "./support/broker-process";
import { findMosquitto } from "./support/installed-mosquitto";
import { type Credentials, type MqttTarget, Subscription, publish } from "./support/mqtt-client";

const { programs, suite, reason } = findMosquitto("test/integration/mosquitto.test.ts");
const [mosquitto = "", publisher = "", subscriber = ""] = programs;

const HOST = "127.0.0.1";
const cluster = smallFleet.clusters[0]!;
const cloudBroker = cluster.cloudBroker!;
const edgeBroker = cluster.brokers[0]!;
const rendered = renderFleet(smallFleet)[0]!.objects;

/** Issues a certificate. The test reaches a server by its IP address, and not by the name of its Service. */
async function issue(authority: KeyPair, request: Omit<MqttSecret, "name" | "namespace">): Promise<Files> {
  const { commonName, usage, dnsNames } = request;
  const ipAddresses = usage === "server" ? [HOST] : [];
  const issued = await issueCertificate(authority, { commonName, usage, dnsNames, ipAddresses, days: 1 });
  return { "ca.crt": authority.certificate, "tls.crt": issued.certificate, "tls.key": issued.key };
}

/** Checks that the local files equal the chart's ConfigMap, except for the ports and the cloud's address. */
function configOf(name: string, local: Files): Files {
  const inCluster = rendered.find(
    (object) => object.kind === "ConfigMap" && object.metadata.name === name,
  ) as unknown as {
    data: Files;
  };
  const lines = (files: Files) =>
    Object.keys(files)
      .sort()
      .flatMap((file) => files[file]!.split("\n").map((line) => `${file}: ${line}`));
  const here = lines(local);
  const different = lines(inCluster.data).filter((line, i) => line !== here[i]);
  const [listener, address] = ["mosquitto.conf: listener 8883", "mosquitto.conf: address cloud.mqtt.svc:8883"];
  expect(different).toEqual(name === cloudBroker.name ? [listener] : [listener, address]);
  return local;
}

const statefulSet = (name: string) =>
  rendered.find((object) => object.kind === "StatefulSet" && object.metadata.name === name)!;

suite(`Mosquitto with the rendered configuration${reason}`, () => {
  jest.setTimeout(120_000);

  let folder: string;
  let authority: KeyPair;
  let cloud: BrokerProcess;
  let edge: BrokerProcess;
  let atCloud: MqttTarget;
  let atEdge: MqttTarget;
  const clients: Record<string, Credentials> = {};
  const open: Subscription[] = [];

  async function issueCredentials(name: string, signer: KeyPair, request: Omit<MqttSecret, "name" | "namespace">) {
    saveCredentials(name, await issue(signer, request));
  }

  function saveCredentials(name: string, files: Files): void {
    const path = (file: string) => join(folder, "clients", name, file);
    mkdirSync(join(folder, "clients", name), { recursive: true });
    // Clients always verify the broker with the brokers' CA.
    const own = { ...files, "ca.crt": authority.certificate };
    Object.entries(own).forEach(([file, text]) => writeFileSync(path(file), text, { mode: 0o600 }));
    clients[name] = { ca: path("ca.crt"), certificate: path("tls.crt"), key: path("tls.key") };
  }

  async function subscribe(target: MqttTarget, as: string, topics: string[], session?: string): Promise<Subscription> {
    const subscription = await Subscription.open(target, clients[as]!, topics, session);
    open.push(subscription);
    return subscription;
  }

  /** Waits until the bridge reports that it is connected. */
  async function waitForBridge(): Promise<void> {
    const state = await subscribe(atCloud, "dashboard", ["$SYS/broker/connection/+/state"]);
    await state.receives("1", 60_000);
    await state.close();
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "skerry-mosquitto-"));
    chmodSync(folder, 0o755);
    authority = await createAuthority({ commonName: "tokyo MQTT", years: 1 });

    const secrets = new Map<string, Files>();
    for (const secret of mqttSecrets(cluster)) {
      secrets.set(secret.name, await issue(authority, secret));
    }
    saveCredentials("gateway", secrets.get("sydney-client-gateway")!);
    saveCredentials("display", secrets.get("sydney-client-display")!);
    saveCredentials("dashboard", secrets.get("cloud-client-dashboard")!);
    saveCredentials("server", secrets.get("sydney-tls")!);
    clients.anonymous = { ca: clients.gateway!.ca };
    const gateway = { commonName: "client:sydney:gateway", usage: "client", dnsNames: [] } as const;
    await issueCredentials("forged", await createAuthority({ commonName: "tokyo MQTT", years: 1 }), gateway);
    await issueCredentials("unknown", authority, { ...gateway, commonName: "client:sydney:unknown" });

    const [cloudPort, edgePort] = [await freePort(HOST), await freePort(HOST)];
    atCloud = { publisher, subscriber, host: HOST, port: cloudPort };
    atEdge = { publisher, subscriber, host: HOST, port: edgePort };
    const cloudConfig = brokerFiles(cloudBrokerSettings(cluster, cloudBroker), {
      listenAddress: HOST,
      listenPort: cloudPort,
    });
    const edgeConfig = brokerFiles(edgeBrokerSettings(cluster, edgeBroker), {
      listenAddress: HOST,
      listenPort: edgePort,
      remote: { host: HOST, port: cloudPort },
    });
    cloud = new BrokerProcess(mosquitto, join(folder, "cloud"), HOST, cloudPort, {
      statefulSet: statefulSet("cloud"),
      config: configOf("cloud", cloudConfig),
      secrets,
    });
    edge = new BrokerProcess(mosquitto, join(folder, "edge"), HOST, edgePort, {
      statefulSet: statefulSet("sydney"),
      config: configOf("sydney", edgeConfig),
      secrets,
    });
    await cloud.start();
    await edge.start();
    await waitForBridge();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((subscription) => subscription.close()));
  });

  afterAll(async () => {
    await edge?.stop("SIGKILL");
    await cloud?.stop("SIGKILL");
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  it("forwards messages of an edge client through the bridge to the cloud", async () => {
    const received = await subscribe(atCloud, "dashboard", ["sensors/#"]);
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "21.5")).toBe(0);
    await received.receives("21.5");
    expect(received.messages).toEqual([{ topic: "sensors/7/temperature", payload: "21.5" }]);
  });

  it("forwards only the configured topics", async () => {
    const received = await subscribe(atCloud, "dashboard", ["sensors/#", "display/#"]);
    expect(await publish(atEdge, clients.display!, "display/brightness", "stays at the edge")).toBe(0);
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "goes to the cloud")).toBe(0);
    await received.receives("goes to the cloud");
    expect(received.payloads).toEqual(["goes to the cloud"]);
  });

  it.each(["anonymous", "forged", "server"])("rejects a client with %s credentials", async (name) => {
    const received = await subscribe(atCloud, "dashboard", ["sensors/#"]);
    expect(await publish(atEdge, clients[name]!, "sensors/7/temperature", "intruder")).not.toBe(0);
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "after the intruder")).toBe(0);
    await received.receives("after the intruder");
    expect(received.payloads).toEqual(["after the intruder"]);
    await expect(Subscription.open(atEdge, clients[name]!, ["#"])).rejects.toThrow("turned away");
  });

  // Valid certificates of the same CA whose names have no access, or other access, in the edge broker's ACL.
  it.each(["unknown", "dashboard", "display"])(
    "does not let %s publish or receive other clients' messages",
    async (name) => {
      const stolen = await subscribe(atEdge, name, ["commands/#", "sensors/7/pressure", "#"]);
      const own = await subscribe(atEdge, "display", ["sensors/+/temperature"]);
      const atTheCloud = await subscribe(atCloud, "dashboard", ["sensors/#"]);
      expect(await publish(atEdge, clients[name]!, "sensors/7/temperature", "intruder")).toBe(0);
      expect(await publish(atEdge, clients.gateway!, "sensors/7/pressure", "1013")).toBe(0);
      expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "real")).toBe(0);
      await own.receives("real");
      await atTheCloud.receives("real");
      expect(own.payloads).toEqual(["real"]);
      expect(atTheCloud.payloads).toEqual(["1013", "real"]);
      expect(stolen.payloads).toEqual(name === "display" ? ["real"] : []);
    },
  );

  it("does not answer a client without TLS", async () => {
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect({ host: HOST, port: atEdge.port }, () => {
        const id = "plain";
        const variable = Buffer.concat([
          Buffer.from([0, 4]),
          Buffer.from("MQTT"),
          Buffer.from([4, 2, 0, 60, 0, id.length]),
        ]);
        const packet = Buffer.concat([variable, Buffer.from(id)]);
        socket.write(Buffer.concat([Buffer.from([0x10, packet.length]), packet]));
      });
      socket.setTimeout(5000, () => socket.destroy());
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
      socket.on("error", (error: NodeJS.ErrnoException) => error.code !== "ECONNRESET" && reject(error));
      socket.on("close", () => resolve(Buffer.concat(chunks)));
    });
    // The broker may send a TLS alert (0x15), but must not acknowledge the connection (0x20).
    expect([undefined, 0x15]).toContain(answer[0]);
  });

  it("keeps messages during an outage of the cloud, through a restart and a crash of the edge broker", async () => {
    await (await subscribe(atCloud, "dashboard", ["sensors/#"], "survivor")).close();
    await cloud.stop();
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "before the restart")).toBe(0);
    await edge.stop();
    await edge.start();
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "after the restart")).toBe(0);
    await edge.stop();
    await edge.start();
    await edge.stop("SIGKILL");
    await edge.start();
    await cloud.start();
    const received = await subscribe(atCloud, "dashboard", ["sensors/#"], "survivor");
    await received.receives("after the restart", 70_000);
    expect(received.payloads).toEqual(["before the restart", "after the restart"]);
  });

  it("limits its queue and drops the newest messages", async () => {
    await (await subscribe(atCloud, "dashboard", ["sensors/#"], "counter")).close();
    await cloud.stop();
    const sent = Array.from({ length: 200 }, (_, i) => `${i}`);
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", ...sent)).toBe(0);
    await cloud.start();
    const received = await subscribe(atCloud, "dashboard", ["sensors/#"], "counter");
    const kept = sent.slice(0, edgeBroker.queue.messages);
    await received.receives(kept.at(-1)!, 70_000);
    expect(await publish(atEdge, clients.gateway!, "sensors/7/temperature", "room again")).toBe(0);
    await received.receives("room again");
    expect(received.payloads).toEqual([...kept, "room again"]);
  });

  it("rejects a message above the size limit and accepts one just below it", async () => {
    const received = await subscribe(atCloud, "dashboard", ["sensors/#"]);
    const limit = edgeBroker.queue.messageKiB * 1024;
    await publish(atEdge, clients.gateway!, "sensors/7/temperature", "x".repeat(limit + 1), "x".repeat(limit));
    await received.receives("x".repeat(limit));
    expect(received.messages).toHaveLength(1);
  });
});
