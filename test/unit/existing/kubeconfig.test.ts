import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import { stringify } from "yaml";

import {
  kubeconfigPath,
  readContexts,
  readKubeconfig,
  selectContext,
} from "../../../components/nodes/existing/kubeconfig";
import { projectFolder } from "../../../components/project-folder";

const folder = mkdtempSync(join(tmpdir(), "skerry-kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRET = "c2VjcmV0LWtleQ";
const kubeconfig = {
  apiVersion: "v1",
  kind: "Config",
  "current-context": "east",
  clusters: [
    { name: "one", cluster: { server: "https://10.0.0.1:6443", "certificate-authority": "ca.crt" } },
    { name: "two", cluster: { server: "https://10.0.0.2:6443", "certificate-authority-data": "Q0E=" } },
  ],
  users: [
    { name: "admin", user: { "client-certificate": "client.crt", "client-key-data": SECRET } },
    { name: "cloud", user: { exec: { command: "aws", args: ["eks", "get-token"] } } },
  ],
  contexts: [
    { name: "east", context: { cluster: "one", user: "admin", namespace: "shop" } },
    { name: "west", context: { cluster: "two", user: "cloud" } },
    { name: "broken", context: { cluster: "three", user: "admin" } },
    { name: "userless", context: { cluster: "one", user: "missing" } },
  ],
};
const text = stringify(kubeconfig);

test("keeps one context, with the content of its files", () => {
  writeFileSync(join(folder, "ca.crt"), "CA");
  writeFileSync(join(folder, "client.crt"), "CERTIFICATE");
  writeFileSync(join(folder, "config"), text);
  expect(JSON.parse(readKubeconfig(join(folder, "config")))).toEqual({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "east",
    clusters: [{ name: "east", cluster: { server: "https://10.0.0.1:6443", "certificate-authority-data": "Q0E=" } }],
    users: [{ name: "east", user: { "client-certificate-data": "Q0VSVElGSUNBVEU=", "client-key-data": SECRET } }],
    contexts: [{ name: "east", context: { cluster: "east", user: "east" } }],
  });
  expect(selectContext(text, "west")).toContain('"command": "aws"');
  expect(readContexts(text)).toEqual({ current: "east", names: ["east", "west", "broken", "userless"] });
});

test.each([
  ["weste", 'unknown context "weste": did you mean "west"? (must be one of: broken, east, userless, west)'],
  ["broken", 'context "broken" refers to cluster "three", which the kubeconfig does not have'],
  ["userless", 'context "userless" refers to user "missing", which the kubeconfig does not have'],
])("refuses context %s", (context, message) => {
  expect(() => selectContext(text, context, folder)).toThrow(message);
});

test.each([
  ["- a list: [", "must be a kubeconfig in YAML or JSON"],
  [`apiVersion: v1\nusers: [{name: a, user: {token: ${SECRET}}}]\nkey: ]`, "must be a kubeconfig in YAML or JSON"],
  ["text", "must be a kubeconfig in YAML or JSON"],
  ["kind: Config", "the kubeconfig has no current context: state one"],
])("refuses %j and quotes nothing of it", (bad, message) => {
  let error = "";
  try {
    selectContext(bad);
  } catch (problem) {
    error = (problem as Error).message;
  }
  expect(error).toBe(message);
  expect(error).not.toContain(SECRET);
});

test("refuses a file that does not exist", () => {
  expect(() => readKubeconfig(join(folder, "none"))).toThrow(`${join(folder, "none")} does not exist`);
});

test("paths start at the project or at the home folder", () => {
  expect(kubeconfigPath("a/b")).toBe(join(projectFolder!, "a/b"));
  expect(kubeconfigPath("~/a")).toBe(join(homedir(), "a"));
  expect(kubeconfigPath("/a")).toBe("/a");
});
