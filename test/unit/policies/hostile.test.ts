import fc from "fast-check";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { readYaml } from "../../../fleet/reading/read-yaml";
import { evaluate } from "../../../policies/engine/evaluate";
import { rules } from "../../../policies/rules";
import { workload } from "./cases/case";

const check = (objects: readonly KubeObject[]) =>
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects }] },
    { environment: "default", today: "2026-11-24" },
  );

/** Returns the paths of all values inside a value, and its own path last. */
function findPaths(value: unknown, steps: readonly string[] = []): (readonly string[])[] {
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, each]) => findPaths(each, [...steps, key]))
      : [];
  return [...inner, steps];
}

function replaceAt(value: unknown, [step, ...rest]: readonly string[], replacement: unknown): unknown {
  if (step === undefined) return replacement;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[step] = replaceAt(copy[step], rest, replacement);
  return copy;
}

const KINDS = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, [], {}, "", 0, -1, true, [null], { constructor: null }, [[]], { a: [{}] }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A workload with one malformed field, except its name. */
const malformedWorkload = fc
  .tuple(fc.constantFrom(...KINDS), fc.nat(), junk, fc.nat(1_000_000))
  .map(([kind, nth, replacement, name]) => {
    const whole = workload(kind);
    const named = { ...whole, metadata: { ...whole.metadata, name: `a-${name}` } };
    const paths = findPaths(whole.spec, ["spec"]);
    return replaceAt(named, paths[nth % paths.length]!, replacement) as KubeObject;
  });

test("no object makes the engine throw, and rules fail only on objects that violate the schema", () => {
  let skipped = 0;
  fc.assert(
    fc.property(fc.array(malformedWorkload, { minLength: 1, maxLength: 3 }), (objects) => {
      const { findings } = check(objects);
      expect(findings.filter(({ rule }) => rule === "rule-failed")).toEqual([]);
      skipped += findings.filter(({ message }) => message.includes("could not look at it")).length;
    }),
    { numRuns: 500, seed: 1 },
  );
  // Ensures that enough objects are malformed.
  expect(skipped).toBeGreaterThan(20);
});

test("objects of foreign kinds with any content are checked", () => {
  const metadata = fc.record({ name: fc.string({ minLength: 1 }), labels: junk, annotations: junk });
  const object = fc.record({
    apiVersion: fc.string(),
    kind: fc.string({ minLength: 1 }),
    metadata,
    spec: junk,
    data: junk,
  });
  fc.assert(
    fc.property(object, (each) => expect(() => check([each as unknown as KubeObject])).not.toThrow()),
    { numRuns: 300, seed: 1 },
  );
});

test("a file with any bytes is read or rejected", () => {
  const yaml = fc.array(
    fc.constantFrom(
      "a",
      ": ",
      "- ",
      "\n",
      "  ",
      "&a ",
      "*a",
      "{",
      "}",
      "[",
      "]",
      "|\n",
      "'",
      '"',
      "#",
      "---\n",
      "? ",
      "!!str ",
      "<<",
      "%",
      "\t",
      ",",
    ),
  );
  const bytes = fc.oneof(
    fc.uint8Array(),
    yaml.map((parts) => Buffer.from(parts.join(""))),
    fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (raw) => {
      const { documents } = readYaml(raw);
      for (const { value, place } of documents) {
        expect(() => JSON.stringify(value)).not.toThrow();
        expect(place(["a", 0]).line).toBeGreaterThan(0);
      }
    }),
    { numRuns: 1000, seed: 1 },
  );
});
