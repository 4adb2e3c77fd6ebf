import fc from "fast-check";

import {
  compareK3sVersions,
  formatK3sVersion,
  imageTag,
  isK3sRelease,
  type K3sVersion,
  k3sVersionOf,
  parseK3sVersion,
  SUPPORTED_MINORS,
} from "../../../fleet/k3s/version";
import { isLabelValue } from "../../../fleet/reading/forms";
import { knownMinors } from "../../../policies/schema/versions";

const arbitraryVersion: fc.Arbitrary<K3sVersion> = fc
  .record({
    major: fc.integer({ min: 1, max: 2 }),
    minor: fc.integer({ min: 30, max: 40 }),
    patch: fc.integer({ min: 0, max: 20 }),
    candidate: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    revision: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ candidate, ...rest }) => ({ ...rest, ...(candidate !== undefined && { candidate }) }));

test("parses what it formats", () => {
  fc.assert(
    fc.property(arbitraryVersion, (version) => {
      expect(parseK3sVersion(formatK3sVersion(version))).toEqual(version);
    }),
  );
});

test.each([
  ["v1.36.3+k3s1", true],
  ["v1.37.0-rc4+k3s1", true],
  ["v1.36.3", false],
  ["1.36.3+k3s1", false],
  ["v1.36.3-eks-1", false],
  ["v1.36.3+rke2r1", false],
  ["v1.36", false],
  ["latest", false],
  ["", false],
])("knows whether %j is a K3s release", (text, expected) => expect(isK3sRelease(text)).toBe(expected));

test("orders versions from the oldest to the newest", () => {
  const ordered = [
    "v1.35.9+k3s2",
    "v1.36.0-rc1+k3s1",
    "v1.36.0-rc2+k3s1",
    "v1.36.0",
    "v1.36.0+k3s1",
    "v1.36.0+k3s2",
    "v1.36.10+k3s1",
    "v2.0.0+k3s1",
  ].map((text) => parseK3sVersion(text)!);
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) expect(Math.sign(compareK3sVersions(a, b))).toBe(Math.sign(i - j));
  }
});

test("compares consistently", () => {
  fc.assert(
    fc.property(arbitraryVersion, arbitraryVersion, arbitraryVersion, (a, b, c) => {
      expect(Math.sign(compareK3sVersions(a, b))).toBe(-Math.sign(compareK3sVersions(b, a)) + 0);
      if (compareK3sVersions(a, b) <= 0 && compareK3sVersions(b, c) <= 0)
        expect(compareK3sVersions(a, c)).toBeLessThanOrEqual(0);
      expect(compareK3sVersions(a, b) === 0).toBe(formatK3sVersion(a) === formatK3sVersion(b));
    }),
  );
});

test("writes versions as image tags, which are also valid label values", () => {
  expect(imageTag("v1.36.3+k3s1")).toBe("v1.36.3-k3s1");
  fc.assert(fc.property(arbitraryVersion, (version) => isLabelValue(imageTag(formatK3sVersion(version)))));
});

test("derives the K3s version of a cluster that states only its Kubernetes version", () => {
  expect(k3sVersionOf({ kubernetesVersion: "1.35.2" })).toBe("v1.35.2+k3s1");
  expect(k3sVersionOf({ kubernetesVersion: "1.35.2", k3s: { version: "v1.35.2+k3s4" } })).toBe("v1.35.2+k3s4");
});

test("supports the minor versions whose schemas Skerry has", () => {
  const { oldest, newest } = SUPPORTED_MINORS;
  const minors = Array.from({ length: newest - oldest + 1 }, (_, index) => `1.${oldest + index}`);
  expect(knownMinors()).toEqual(minors);
});
