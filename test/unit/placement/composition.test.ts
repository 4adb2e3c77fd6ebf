import fc from "fast-check";

import { templateOf } from "../../../fleet/kubernetes/pod-template";
import { parseFleet } from "../../../fleet/reading/parse";
import { local } from "../../../stacks/local";
import { type Composition, compose, composition, namedBy, onEveryKind, onSomeKinds } from "../support/compositions";
import { KINDS } from "../support/placed-workloads";
import { shapeProblems } from "../support/pod-shape";

const fleet = parseFleet(local);

const steps = [
  ...onEveryKind.map((step) => ({ step, kinds: KINDS })),
  ...onSomeKinds.map(({ kinds, ...step }) => ({ step, kinds })),
];
const single = steps.flatMap(({ kinds, step }, index) =>
  kinds.flatMap((kind) => [true, false].map((plus) => ({ name: `${step.construct} (${index})`, kind, plus, step }))),
);

it.each(single)("renders a valid object for $name on a $kind (cdk8s-plus: $plus)", ({ kind, plus, step }) => {
  const outcome = compose({ kind, plus, placed: true, steps: [step] }, fleet);
  const plain = compose({ kind, plus, placed: true, steps: [] }, fleet);
  if (!("objects" in outcome) || !("objects" in plain)) throw new Error(JSON.stringify(outcome));
  expect(outcome.objects.flatMap(shapeProblems)).toEqual([]);
  // Constructs without effect on a DaemonSet must not change it; all others must.
  const ignored = kind === "DaemonSet" && /^(Spread|WithProfile)/.test(step.construct);
  const soft = kind === "DaemonSet" && step === onEveryKind[12];
  const nothing = ignored || soft;
  expect(JSON.stringify(outcome.objects) === JSON.stringify(plain.objects)).toBe(nothing);
});

const withOrder = composition.chain((each) =>
  fc.tuple(
    fc.constant(each),
    fc.shuffledSubarray(
      each.steps.map((_, i) => i),
      { minLength: each.steps.length },
    ),
  ),
);

const SELF = /^(Deployment|StatefulSet|DaemonSet|Job|CronJob) \(.+\) itself$/;

describe("any composition", () => {
  it("renders the same bytes or fails with the same message in any order of constructs", () => {
    fc.assert(
      fc.property(withOrder, ([each, order]) => {
        const outcome = compose(each, fleet, order);
        expect(JSON.stringify(outcome)).toBe(JSON.stringify(compose(each, fleet)));
      }),
      { numRuns: 400 },
    );
  });

  it("renders valid objects, or fails and names the constructs that contradict each other", () => {
    const met = { rendered: 0, refused: 0 };
    fc.assert(
      fc.property(composition, (each: Composition) => {
        const outcome = compose(each, fleet);
        if ("objects" in outcome) {
          met.rendered += 1;
          expect(outcome.objects.flatMap(shapeProblems)).toEqual([]);
          return;
        }
        met.refused += 1;
        const lines = outcome.problem.split("\n").slice(1);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) {
          const [, names] = /^ {2}\[app\/[^\]]+\] (.+?\)(?: itself)?): /.exec(line) ?? [];
          expect({ line, names }).toEqual({ line, names: expect.any(String) });
          for (const name of names!.split(" and ")) {
            const [, construct, index] = /^(\w+) \(app\/step-(\d)\)$/.exec(name) ?? [];
            if (construct === undefined) expect(name).toMatch(SELF);
            else expect(each.steps[Number(index)]!.construct).toBe(construct);
          }
        }
      }),
      { numRuns: 600 },
    );
    // Guards against a property that tests only one of the two outcomes.
    expect(met.rendered).toBeGreaterThan(100);
    expect(met.refused).toBeGreaterThan(100);
  });

  it("renders valid objects for any name, or rejects it and names the construct", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("tokyo", "a".repeat(64), "-a", "a,b", "ü"));
    const labels = fc.dictionary(text, text, { maxKeys: 2, noNullPrototype: true });
    const met = { rendered: 0, refused: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), text, labels, (kind, name, others) => {
        for (const step of namedBy(name, others)) {
          const outcome = compose({ kind, plus: false, placed: false, steps: [step] }, fleet);
          met["objects" in outcome ? "rendered" : "refused"] += 1;
          if ("objects" in outcome) expect(outcome.objects.flatMap(shapeProblems)).toEqual([]);
          else expect(outcome.problem).toContain(`${step.construct} (app/step-0): `);
        }
      }),
    );
    expect(Math.min(met.rendered, met.refused)).toBeGreaterThan(50);
  });

  it("renders repeated constructs once", () => {
    fc.assert(
      fc.property(composition, (each: Composition) => {
        const outcome = compose({ ...each, steps: [...each.steps, ...each.steps] }, fleet);
        const once = compose(each, fleet);
        if (!("objects" in once) || each.steps.some(({ construct }) => construct === "HighlyAvailable")) return;
        expect(outcome).toEqual(once);
        expect(once.objects.some((object) => templateOf(object))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
