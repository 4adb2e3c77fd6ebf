import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { tool } from "../../cli/tools/catalogue";
import { defaults } from "../../fleet/defaults";
import { KUBERNETES_VERSION } from "../../fleet/kubernetes/version";
import { kubernetesSchema } from "../../policies/schema/versions";

const minor = KUBERNETES_VERSION.split(".").slice(0, 2).join(".");

test("the Go programs are built from the Kubernetes version that fleets default to", () => {
  expect(readFileSync("runtime/go.mod", "utf8")).toContain(`\tk8s.io/kubernetes v${KUBERNETES_VERSION}\n`);
  expect(tool("lab").build.ldflags).toContain(`gitVersion=v${KUBERNETES_VERSION} `);
  expect(defaults.cluster.kubernetesVersion).toBe(KUBERNETES_VERSION);
});

test("the schema of the default version comes from the same release", () => {
  expect(kubernetesSchema(minor).source).toContain(` v${KUBERNETES_VERSION},`);
});

test("no other source file states the version", () => {
  const files = execFileSync("git", ["grep", "-lwF", KUBERNETES_VERSION, "--", "*.ts", "*.go", "*Dockerfile"], {
    encoding: "utf8",
  });
  const sources = files.split("\n").filter((file) => file !== "" && !/^test\/|_test\.go$/.test(file));
  // The schema generator pins one release per minor version; the others show an example.
  expect(
    sources.filter((file) => !/^policies\/schema\/|^cli\/policy\/inputs\.ts|^fleet\/reading\/schema\.ts/.test(file)),
  ).toEqual(["fleet/kubernetes/version.ts"]);
});
