import { SERVER_TLS_FILES } from "../../fleet/k3s/authority";
import { k3s, parameters, PREFIX, sha256, userData } from "./user-data";
import { MachineRoom } from "./machine-room";
import { missingRequirement } from "./requirements";

const room = new MachineRoom();
const BIRTH = `${PREFIX}/birth`;
const TLS = "/var/lib/rancher/k3s/server/tls";
const BINARY = "/usr/local/bin/k3s";
const DROP_IN = "/etc/rancher/k3s/config.yaml.d/10-birth.yaml";
const JOIN = "server: https://10.77.0.1:6443\n";

const server = (number: number, options = {}) =>
  room.add({ role: "server", hostname: `frankfurt-server-0${number}`, userData: userData("server"), ...options });
const agent = (options = {}) => room.add({ role: "agent", hostname: "agent", userData: userData("agent"), ...options });

/** Creates the cluster of a test. */
async function createCluster() {
  const creator = await server(1);
  await creator.boot();
  return creator;
}

jest.setTimeout(90_000);

// Needs root, namespaces, cloud-init and moto. Where one is missing, the run reports which.
(missingRequirement() === undefined ? describe : describe.skip)("a machine", () => {
  room.use();

  test("creates the cluster at its first boot, and returns to it at the next", async () => {
    const machine = await server(1);
    await machine.boot();
    expect(await room.cloud.state()).toMatchObject({
      creations: [machine.id],
      joins: [],
      nodes: { "frankfurt-server-01": machine.id },
    });
    expect(await room.cloud.getParameter(BIRTH)).toBe(machine.id);
    for (const file of SERVER_TLS_FILES) {
      expect(machine.read(`${TLS}/${file}`)).toBe(parameters[`${PREFIX}/tls/${file}`]);
      expect(machine.mode(`${TLS}/${file}`)).toBe(0o600);
    }
    expect(machine.read("/etc/rancher/k3s/server-token")).toBe(parameters[`${PREFIX}/server-token`]);
    expect(machine.mode(TLS)).toBe(0o700);
    expect(machine.read(DROP_IN)).toBe("cluster-init: true\n");
    expect(machine.console).toContain(`prepared: server ${machine.id} creates cluster frankfurt`);

    const before = (await room.cloud.state()).requests.length;
    // As an upgrade in the cluster does.
    machine.write(BINARY, `${k3s}# newer\n`, 0o755);
    await machine.boot();
    const { creations, joins, starts, requests } = await room.cloud.state();
    expect({ creations, joins }).toEqual({ creations: [machine.id], joins: [] });
    expect(starts.map(({ action }) => action)).toEqual(["create", "return"]);
    // The tokens, which may have been rotated, and the order of a restore. Not the binary, and not the authorities.
    expect(requests.slice(before).map(({ target }) => target)).toEqual([
      "GetParameter",
      "GetParameter",
      "GetParameter",
    ]);
    expect(machine.read(BINARY)).toMatch(/# newer\n$/);
  });

  test("creates the cluster alone, if two servers ask at once", async () => {
    // The second was started from an image of a machine that was a member of another cluster.
    const machines = await Promise.all([server(1), server(2)]);
    machines[1].write("/var/lib/skerry/prepared", "i-another");
    machines[1].write("/var/lib/skerry/etcd-member", "i-another");
    await Promise.all(machines.map((machine) => machine.boot()));
    const { creations, joins, nodes } = await room.cloud.state();
    expect([...creations, ...joins].sort()).toEqual(machines.map(({ id }) => id).sort());
    expect(creations).toEqual([await room.cloud.getParameter(BIRTH)]);
    expect(Object.keys(nodes)).toHaveLength(2);
    const joined = machines.find(({ id }) => id === joins[0])!;
    expect(joined.read(DROP_IN)).toBe(JOIN);
    // It gets the authorities from the cluster, where they may have been rotated.
    expect(joined.exists(`${TLS}/server-ca.key`)).toBe(false);
  });

  test("joins if it replaces the server that created the cluster", async () => {
    const creator = await createCluster();
    await room.delete(creator);
    await room.cloud.deleteNode("frankfurt-server-01");
    const replacement = await server(1);
    await replacement.boot();
    const { creations, joins } = await room.cloud.state();
    expect({ creations, joins }).toEqual({ creations: [creator.id], joins: [replacement.id] });
  });

  test("joins if it created the cluster and lost its data", async () => {
    const creator = await createCluster();
    creator.remove("/var/lib/rancher/k3s/server/db");
    await creator.boot();
    const { creations, joins } = await room.cloud.state();
    expect({ creations, joins }).toEqual({ creations: [creator.id], joins: [creator.id] });
    expect(creator.read(DROP_IN)).toBe(JOIN);
  });

  test("joins as an agent under a name of its own, and starts again while the parameters are unreachable", async () => {
    await createCluster();
    const machine = await agent({
      haste: 20,
      userData: userData("agent", { node: { prefix: "edge", providerId: "instance" } }),
    });
    await machine.boot();
    const name = `edge-${machine.id.slice(2)}`;
    const { joins, starts, requests } = await room.cloud.state();
    expect(joins).toEqual([machine.id]);
    expect(starts.at(-1)).toMatchObject({ node: name, action: "join" });
    expect(starts.at(-1)!.kubelet).toContain(`provider-id=aws:///eu-central-1a/${machine.id}`);
    expect(starts.at(-1)!.kubelet).toContain("seccomp-default=true");
    expect(requests.filter(({ target }) => target === "PutParameter")).toHaveLength(1);
    expect(machine.exists("/etc/rancher/k3s/server-token")).toBe(false);

    machine.setNetwork("down");
    machine.powerOn();
    await machine.says("K3s starts with the files of its last start");
    machine.setNetwork("up");
    expect(await machine.untilEnded()).toBe(0);
    expect((await room.cloud.state()).starts.at(-1)).toMatchObject({
      machine: machine.id,
      node: name,
      action: "return",
    });
  });

  test("takes the name and the zone of a server from its tags", async () => {
    const node = { tag: "Name", zoneTag: "Zone", providerId: "node" as const };
    const tags = { Name: "frankfurt-server-03", Zone: "eu-central-1b" };
    const machine = await server(1, { userData: userData("server", { node }), tags });
    await machine.boot();
    expect((await room.cloud.state()).nodes).toEqual({ "frankfurt-server-03": machine.id });
    expect(JSON.parse(machine.read("/etc/rancher/k3s/config.yaml.d/20-node.yaml"))).toEqual({
      "node-name": "frankfurt-server-03",
      // Controllers of the cloud ignore an id that is not of an instance.
      "kubelet-arg+": ["provider-id=aws:///eu-central-1a/node-frankfurt-server-03"],
      "node-label+": ["topology.kubernetes.io/zone=eu-central-1b"],
    });
  });

  test("never runs a binary with the wrong checksum, says so, and joins once the binary is right", async () => {
    await room.cloud.putObject("k3s/v1.36.3+k3s1/k3s", "#!/bin/sh\ntouch /ran\n");
    const machine = await server(1, { haste: 200 });
    machine.powerOn();
    const refusal = `got SHA-256 ${sha256("#!/bin/sh\ntouch /ran\n")}, must be ${sha256(k3s)}: K3s is not installed`;
    await machine.says(new RegExp(`${refusal}[^]*${refusal}`));
    expect(machine.console).toContain(`skerry: not prepared: s3://skerry-k3s/k3s/v1.36.3+k3s1/k3s: ${refusal}`);
    expect([machine.exists(BINARY), machine.exists(`${BINARY}.part`), machine.exists("/ran")]).toEqual([
      false,
      false,
      false,
    ]);
    // It does not keep other servers from creating the cluster.
    expect(await room.cloud.getParameter(BIRTH)).toBeNull();
    await room.cloud.putObject("k3s/v1.36.3+k3s1/k3s", k3s);
    expect(await machine.untilEnded()).toBe(0);
    expect((await room.cloud.state()).creations).toEqual([machine.id]);
  });

  test("keeps trying without a network for ten minutes, and then joins", async () => {
    const machine = await server(1, { haste: 100 });
    machine.setNetwork("down");
    machine.powerOn();
    const pauses = (): number =>
      [...machine.journal.matchAll(/next attempt in (\d+) s/g)].reduce((sum, [, seconds]) => sum + Number(seconds), 0);
    while (pauses() < 600) await machine.says(/next attempt in \d+ s\n$/);
    expect(machine.console).toMatch(/not prepared: instance metadata api\/token: .*Network is unreachable/);
    machine.setNetwork("up");
    expect(await machine.untilEnded()).toBe(0);
    expect((await room.cloud.state()).creations).toEqual([machine.id]);
  });

  test("downloads again from an https source whose connection ended", async () => {
    const source = "https://releases.example.com/v1.36.3%2Bk3s1";
    await room.cloud.putRelease("/v1.36.3+k3s1/k3s", k3s, 1);
    const machine = await server(1, { haste: 20, userData: userData("server", { source }) });
    await machine.boot();
    expect(machine.journal).toMatch(/not prepared: https:.*\/k3s: the connection ended after \d+ bytes/);
    expect((await room.cloud.state()).creations).toEqual([machine.id]);
  });

  test("names the parameter that it may not write", async () => {
    await room.cloud.setPolicy("server", ["ssm:GetParameter", "s3:GetObject"]);
    const machine = await server(1, { haste: 50 });
    machine.powerOn();
    // moto answers in XML here. The name of AWS' own error is AccessDeniedException.
    await machine.says(`not prepared: PutParameter ${BIRTH}: HTTP 403`);
    await room.cloud.setPolicy("server", ["ssm:GetParameter", "ssm:PutParameter", "s3:GetObject"]);
    expect(await machine.untilEnded()).toBe(0);
    expect((await room.cloud.state()).creations).toEqual([machine.id]);
  });

  test("refuses an architecture for which K3s has no release", async () => {
    const machine = await server(1, { architecture: "i686" });
    machine.powerOn();
    await machine.says("not prepared: unknown architecture i686, must be one of: aarch64, armv7l, x86_64");
    expect(machine.exists(BINARY)).toBe(false);
  });
});
