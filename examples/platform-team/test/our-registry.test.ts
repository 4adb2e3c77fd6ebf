import "skerry/jest";

import type { KubeObject } from "skerry/fleet";

import policy from "../policy";
import { ourRegistry } from "../rules/our-registry";

const pod = (image: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "inspector" },
  spec: { containers: [{ name: "inspector", image }] },
});

/** What a rule may depend on besides the object. */
const CONTEXT = { today: "2026-11-24" };

test("accepts images of the team", () => {
  expect(ourRegistry.check(pod("ghcr.io/example/container-inspector:2.1.0"), CONTEXT)).toEqual([]);
});

test.each(["docker.io/unscanned/container-inspector:2.1.0", "container-inspector:2.1.0", ""])(
  "rejects %j and reports its path",
  (image) => {
    expect(ourRegistry.check(pod(image), CONTEXT)).toEqual([
      { path: "spec.containers[0].image", message: expect.stringContaining("ghcr.io/example/") as string },
    ]);
  },
);

test("ignores objects without pods", () => {
  expect(ourRegistry.check({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } }, CONTEXT)).toEqual(
    [],
  );
});

test("is part of the policy", () => {
  expect(pod("docker.io/unscanned/container-inspector:2.1.0")).toViolate("our-registry", { policy });
  expect(pod("ghcr.io/example/container-inspector:2.1.0")).not.toViolate("our-registry", { policy });
});
