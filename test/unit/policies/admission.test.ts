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
/** Rules that a single object can violate. */
const singleObjectRules = rules.filter(({ id }) => id in cases);
const findViolatedRules = (object: KubeObject): string[] =>
  singleObjectRules
    .filter((rule) => violationsAlone(rule, object).length > 0)
    .map(({ id }) => id)
    .sort();

describe("the corpus", () => {
  test("is large, and contains valid and invalid objects for every rule", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(150);
    const seen = corpus.map(({ object }) => findViolatedRules(object));
    for (const { id } of singleObjectRules) {
      expect(seen.some((ids) => ids.includes(id))).toBe(true);
      expect(seen.some((ids) => !ids.includes(id))).toBe(true);
    }
  });

  test.each(MUTANTS.map((mutant) => [mutant.title, mutant] as const))(
    "%s violates exactly the listed rules",
    (_title, mutant) => {
      expect(findViolatedRules(mutant.object)).toEqual(mutant.violates);
    },
  );

  test("messages contain no secrets", () => {
    const violations = corpus.flatMap(({ object }) =>
      singleObjectRules.flatMap((rule) => violationsAlone(rule, object)),
    );
    for (const secret of MADE_UP_SECRETS) {
      expect(violations.filter(({ message, path }) => `${path} ${message}`.includes(secret))).toEqual([]);
    }
  });
});

test("every object rule has an admission form or a reason for having none", () => {
  for (const { id, admission, noAdmission } of objectRules) {
    expect({ id, reason: admission === undefined ? noAdmission : "" }).toEqual({ id, reason: expect.any(String) });
    expect({ id, both: admission !== undefined && noAdmission !== undefined }).toEqual({ id, both: false });
  }
});

const findViolations = (fleet: Fleet) =>
  renderFleet(fleet)
    .flatMap(({ definitions, objects }) => [...definitions, ...objects])
    .map((object) => [objectId(object), findViolatedRules(object)] as const)
    .filter(([, ids]) => ids.length > 0);

test("the rendered local fleet complies with every rule", () => {
  expect(findViolations(parseFleet(local))).toEqual([]);
});

test("any rendered fleet complies with every rule, except for device tolerations of workloads", () => {
  const tolerated = (fleet: Fleet): string[] =>
    Object.values(fleet.workloads).some(({ tolerations }) => tolerations.some(({ key }) => key === taints.deviceType))
      ? ["tolerated-devices-selected"]
      : [];
  fc.assert(
    fc.property(arbitraryFleet, (fleet) => {
      const others = findViolations(fleet).filter(([, ids]) => ids.join() !== tolerated(fleet).join());
      expect(others).toEqual([]);
    }),
    { numRuns: 15, examples: [[smallFleet]] },
  );
});

test("renders admission policies from Kubernetes 1.30 on", () => {
  const [cluster] = smallFleet.clusters;
  const policies = (kubernetesVersion: string): number =>
    renderFleet({ ...smallFleet, clusters: [{ ...cluster!, kubernetesVersion }] })[0]!.objects.filter(
      ({ kind, metadata }) => kind === "ValidatingAdmissionPolicy" && metadata.annotations?.["skerry.dev/rules"],
    ).length;
  expect(policies("1.29.9")).toBe(0);
  expect(policies("1.30.0")).toBe(admissionPolicies(rules).length / 2);
});
