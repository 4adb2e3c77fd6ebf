import fc from "fast-check";

import {
  type MachineDocument,
  machineJsonSchema,
  parseMachineDocument,
  renderMachineDocument,
} from "../../../fleet/k3s/machine";

const server: MachineDocument = {
  apiVersion: "skerry.dev/machine/v1",
  role: "server",
  cluster: "frankfurt",
  host: "203.0.113.7",
  port: 6443,
  parameters: { prefix: "/skerry/production/frankfurt", region: "eu-central-1" },
  files: [{ path: "/etc/rancher/k3s/server-token", parameter: "server-token" }],
  birth: "birth",
  restore: "restore",
  k3s: {
    version: "v1.36.3+k3s1",
    source: "https://releases.example.com/k3s",
    sha256: { amd64: "0".repeat(64), arm64: "f".repeat(64) },
  },
};

const segment = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/"));
const files = fc.uniqueArray(fc.record({ path: name.map((path) => `/${path}`), parameter: name }), {
  selector: ({ path }) => path,
  maxLength: 5,
});

test("reads back every document that it writes", () => {
  const common = { ...server, birth: undefined, k3s: undefined };
  fc.assert(
    fc.property(
      files,
      name,
      name,
      fc.integer({ min: 1, max: 65535 }),
      fc.boolean(),
      (list, prefix, birth, port, k3s) => {
        const { apiVersion, cluster, host, parameters } = common;
        const base = {
          ...{ apiVersion, cluster, host, port, files: list, parameters: { ...parameters, prefix: `/${prefix}` } },
          ...(k3s && { k3s: server.k3s! }),
        };
        for (const document of [
          { ...base, role: "agent" } as const,
          { ...base, role: "server", birth, restore: "restore" } as const,
        ]) {
          expect(parseMachineDocument(renderMachineDocument(document))).toEqual(document);
        }
      },
    ),
  );
});

const change = (fields: object): string => JSON.stringify({ ...server, ...fields });

test.each([
  ["{", "/etc/skerry/machine.json: must be JSON"],
  [change({ apiVersion: "v2" }), "apiVersion"],
  [change({ role: "worker" }), "role"],
  [change({ role: "agent" }), "birth: unknown field"],
  [change({ birth: undefined }), "birth"],
  [change({ host: "" }), "host: must not be empty"],
  [change({ port: 0 }), "port: must be between 1 and 65535"],
  [change({ token: "hunter2" }), "token: unknown field"],
  [change({ parameters: { prefix: "skerry", region: "r" } }), "parameters.prefix: must start with /"],
  [change({ files: [{ path: "etc/x", parameter: "x" }] }), "files[0].path: must be an absolute path"],
  [change({ files: [{ path: "/etc/../x", parameter: "x" }] }), "files[0].path: must be an absolute path"],
  [change({ files: [{ path: "/etc/x", parameter: "../x" }] }), "files[0].parameter: must be a parameter name"],
  [change({ files: [...server.files, ...server.files] }), "files: must not name a path twice"],
  [change({ k3s: { ...server.k3s, version: "latest" } }), "k3s.version: must be a K3s version"],
  [change({ k3s: { ...server.k3s, source: "http://example.com" } }), "k3s.source: must be an https or s3 URL"],
  [change({ k3s: { ...server.k3s, sha256: { amd64: "0" } } }), "k3s.sha256.amd64: must be 64 hex digits"],
])("rejects %s", (text, message) => {
  expect(() => parseMachineDocument(text)).toThrow(message);
});

test("names all problems at once, and no unknown value", () => {
  expect(() => parseMachineDocument(change({ host: "", port: 0, token: "hunter2" }))).toThrow(
    /^3 problems in \/etc\/skerry\/machine.json:\n {2}host: [^]*port: [^]*token: unknown field/,
  );
  expect(() => parseMachineDocument(change({ token: "hunter2" }))).not.toThrow(/hunter2/);
});

test("has a JSON Schema for both roles", () => {
  expect(machineJsonSchema()).toMatchObject({ oneOf: [{ type: "object" }, { type: "object" }] });
});
