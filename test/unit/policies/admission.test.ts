import fc from "fast-check";

import { parseFleet } from "../../../fleet/reading/parse";
import { renderFleet } from "../../../charts/render";
import { admissionPolicies } from "../../../policies/admission/policies";
import { type KubeObject, objectId } from "../../../fleet/kubernetes/object";
import { taints } from "../../../fleet/labels";
import type { Fleet } from "../../../fleet/model";
import { rules } from "../../../policies/rules";
import type { ObjectRule } from "../../../policies/engine/rule";
import { local } from "../../../stacks/local";
import { smallFleet } from "../../fixtures/small-fleet";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { cases } from "./cases";
import { violationsAlone } from "./cases/alone";
import { MADE_UP_SECRETS } from "./cases/no-plain-secrets";
import { corpus } from "./cases/corpus";
import { MUTANTS } from "./cases/mutations";

const objectRules = rules.filter((rule): rule is ObjectRule => rule.subject === "object");
/** Those that one object can break, whatever lies beside it. */
const aloneRules = rules.filter(({ id }) => id in cases);
const broken = (object: KubeObject): string[] =>
  aloneRules
    .filter((rule) => violationsAlone(rule, object).length > 0)
    .map(({ id }) => id)
    .sort();

describe("the corpus", () => {
  test("is large, and every rule is broken in it and kept in it", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(150);
    const seen = corpus.map(({ object }) => broken(object));
    for (const { id } of aloneRules) {
      expect(seen.some((ids) => ids.includes(id))).toBe(true);
      expect(seen.some((ids) => !ids.includes(id))).toBe(true);
    }
  });

  test.each(MUTANTS.map((mutant) => [mutant.title, mutant] as const))("%s breaks what it says", (_title, mutant) => {
    expect(broken(mutant.object)).toEqual(mutant.breaks);
  });

  test("no message tells a secret", () => {
    const told = corpus.flatMap(({ object }) => aloneRules.flatMap((rule) => violationsAlone(rule, object)));
    for (const secret of MADE_UP_SECRETS) {
      expect(told.filter(({ message, path }) => `${path} ${message}`.includes(secret))).toEqual([]);
    }
  });
});

test("a rule about objects is one for the API server too, or says why not", () => {
  for (const { id, admission, noAdmission } of objectRules) {
    expect({ id, said: admission === undefined ? noAdmission : "" }).toEqual({ id, said: expect.any(String) });
    expect({ id, both: admission !== undefined && noAdmission !== undefined }).toEqual({ id, both: false });
  }
});

const brokenOf = (fleet: Fleet) =>
  renderFleet(fleet)
    .flatMap(({ definitions, objects }) => [...definitions, ...objects])
    .map((object) => [objectId(object), broken(object)] as const)
    .filter(([, ids]) => ids.length > 0);

test("what the local fleet renders keeps every rule", () => {
  expect(brokenOf(parseFleet(local))).toEqual([]);
});

test("what any fleet renders keeps every rule, but for a device that a workload says it tolerates", () => {
  const tolerated = (fleet: Fleet): string[] =>
    Object.values(fleet.workloads).some(({ tolerations }) => tolerations.some(({ key }) => key === taints.deviceType))
      ? ["tolerated-devices-selected"]
      : [];
  fc.assert(
    fc.property(arbitraryFleet, (fleet) => {
      const others = brokenOf(fleet).filter(([, ids]) => ids.join() !== tolerated(fleet).join());
      expect(others).toEqual([]);
    }),
    { numRuns: 15, examples: [[smallFleet]] },
  );
});

test("before Kubernetes 1.30 no policy is rendered, from then on each", () => {
  const [cluster] = smallFleet.clusters;
  const policies = (kubernetesVersion: string): number =>
    renderFleet({ ...smallFleet, clusters: [{ ...cluster!, kubernetesVersion }] })[0]!.objects.filter(
      ({ kind }) => kind === "ValidatingAdmissionPolicy",
    ).length;
  expect(policies("1.29.9")).toBe(0);
  expect(policies("1.30.0")).toBe(admissionPolicies(rules).length / 2);
});
