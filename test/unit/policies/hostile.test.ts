import fc from "fast-check";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { readYaml } from "../../../fleet/reading/read-yaml";
import { evaluate } from "../../../policies/engine/evaluate";
import { rules } from "../../../policies/rules";
import { workload } from "./cases/case";

const judge = (objects: readonly KubeObject[]) =>
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects }] },
    { environment: "default", today: "2026-11-24" },
  );

/** Every place inside a value, the value itself last. */
function places(value: unknown, steps: readonly string[] = []): (readonly string[])[] {
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, each]) => places(each, [...steps, key]))
      : [];
  return [...inner, steps];
}

function withPut(value: unknown, [step, ...rest]: readonly string[], put: unknown): unknown {
  if (step === undefined) return put;
  const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) };
  copy[step] = withPut(copy[step], rest, put);
  return copy;
}

const KINDS = ["Pod", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;
const junk = fc.oneof(
  fc.constantFrom<unknown>(null, [], {}, "", 0, -1, true, [null], { constructor: null }, [[]], { a: [{}] }),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A workload in which one field, anywhere but in its name, was put out of shape; several such together in a cluster. */
const misshapen = fc
  .tuple(fc.constantFrom(...KINDS), fc.nat(), junk, fc.nat(1_000_000))
  .map(([kind, nth, put, name]) => {
    const whole = workload(kind);
    const named = { ...whole, metadata: { ...whole.metadata, name: `a-${name}` } };
    const inside = places(whole.spec, ["spec"]);
    return withPut(named, inside[nth % inside.length]!, put) as KubeObject;
  });

test("no object makes the engine fail, and a rule fails only on what the schema calls malformed", () => {
  let blind = 0;
  fc.assert(
    fc.property(fc.array(misshapen, { minLength: 1, maxLength: 3 }), (objects) => {
      const { findings } = judge(objects);
      expect(findings.filter(({ rule }) => rule === "rule-failed")).toEqual([]);
      blind += findings.filter(({ message }) => message.includes("cannot check this malformed object")).length;
    }),
    { numRuns: 500, seed: 1 },
  );
  // Else nothing here was malformed enough.
  expect(blind).toBeGreaterThan(20);
});

test("whatever stands in an object of a kind of somebody else's, it is judged", () => {
  const metadata = fc.record({ name: fc.string({ minLength: 1 }), labels: junk, annotations: junk });
  const object = fc.record({
    apiVersion: fc.string(),
    kind: fc.string({ minLength: 1 }),
    metadata,
    spec: junk,
    data: junk,
  });
  fc.assert(
    fc.property(object, (each) => expect(() => judge([each as unknown as KubeObject])).not.toThrow()),
    { numRuns: 300, seed: 1 },
  );
});

test("whatever bytes a file holds, they are read or refused", () => {
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
