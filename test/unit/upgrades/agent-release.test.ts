import { operations } from "../../../components/clusters/agent-release-operations";
import type { K3sInstallation } from "../../../fleet/k3s/release";
import { CONTROL_PLANE } from "../../../fleet/labels";
import { StandInApiServer } from "../support/stand-in-api-server";

const release = (version: string): K3sInstallation => ({ version, source: "https://k3s.example", sha256: {} });
const OLD = release("v1.35.4+k3s1");
const NEW = release("v1.36.3+k3s1");

let server: StandInApiServer;
beforeEach(async () => {
  server = await new StandInApiServer("secret").start();
  for (const name of ["server-01", "server-02"]) server.addNode(name, OLD.version, { [CONTROL_PLANE]: "true" });
  server.addNode("gw-01", OLD.version, {});
});
afterEach(() => server.stop());

const setVersion = (name: string, { version }: K3sInstallation): void => {
  server.nodes.get(name)!.status.nodeInfo.kubeletVersion = version;
};
const inputs = (stated: K3sInstallation) => ({ kubeconfig: server.kubeconfig, release: stated });
const outputs = (installed: K3sInstallation) => ({ ...inputs(installed), installed });

/** Returns the release of new agents after an update, and whether the preview shows a change. */
async function next(olds: K3sInstallation, stated: K3sInstallation) {
  const { changes } = await operations.diff!("", outputs(olds), inputs(stated));
  const { outs } = await operations.update!("", outputs(olds), inputs(stated));
  return { changes, installed: outs!.installed };
}

test("a new cluster's agents install the stated release", async () => {
  const { outs } = await operations.create(inputs(NEW));
  expect(outs).toMatchObject({ installed: NEW });
});

test("agents keep the release of their servers until all servers are upgraded", async () => {
  expect(await next(OLD, NEW)).toEqual({ changes: false, installed: OLD });
  setVersion("server-01", NEW);
  expect(await next(OLD, NEW)).toEqual({ changes: false, installed: OLD });
  setVersion("server-02", NEW);
  expect(await next(OLD, NEW)).toEqual({ changes: true, installed: NEW });
  expect(await next(NEW, NEW)).toEqual({ changes: false, installed: NEW });
});

test("agents follow servers that went back to an older release", async () => {
  for (const name of ["server-01", "server-02"]) setVersion(name, OLD);
  expect(await next(NEW, OLD)).toEqual({ changes: true, installed: OLD });
});

test("agents keep their release while the cluster does not answer", async () => {
  for (const name of ["server-01", "server-02"]) setVersion(name, NEW);
  server.stop();
  expect(await next(OLD, NEW)).toEqual({ changes: false, installed: OLD });
  await server.start();
});

test("another source of the same release applies at once", async () => {
  const moved = { ...OLD, source: "s3://bucket/k3s" };
  expect(await next(OLD, moved)).toEqual({ changes: true, installed: moved });
});
