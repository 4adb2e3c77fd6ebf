import fc from "fast-check";

import { parseFleet } from "../../../fleet/parse";
import { renderFleet } from "../../../charts/render";
import { heldInCluster } from "../../../policies/admission/held";
import { admissionPolicies } from "../../../policies/admission/policies";
import type { Policy } from "../../../policies/policy";
import { imagesPinned } from "../../../policies/rules/images-pinned";
import { type KubeObject, objectId } from "../../../fleet/kubernetes/object";
import { taints } from "../../../fleet/labels";
import type { Fleet } from "../../../fleet/model";
import { rules } from "../../../policies/rules";
import type { ObjectRule } from "../../../policies/rule";
import { local } from "../../../stacks/local";
import { smallFleet } from "../../fixtures/small-fleet";
import { arbitraryFleet } from "../support/arbitrary-fleet";
import { MADE_UP_SECRETS } from "./cases/no-plain-secrets";
import { corpus } from "./cases/corpus";
import { MUTANTS } from "./cases/mutations";

const objectRules = rules.filter((rule): rule is ObjectRule => rule.subject === "object");
const broken = (object: KubeObject): string[] =>
  objectRules
    .filter((rule) => rule.check(object).length > 0)
    .map(({ id }) => id)
    .sort();

describe("the corpus", () => {
  test("is large, and every rule is broken in it and kept in it", () => {
    expect(corpus.length).toBeGreaterThanOrEqual(150);
    const seen = corpus.map(({ object }) => broken(object));
    for (const { id } of objectRules) {
      expect(seen.some((ids) => ids.includes(id))).toBe(true);
      expect(seen.some((ids) => !ids.includes(id))).toBe(true);
    }
  });

  test.each(MUTANTS.map((mutant) => [mutant.title, mutant] as const))("%s breaks what it says", (_title, mutant) => {
    expect(broken(mutant.object)).toEqual(mutant.breaks);
  });

  test("no message tells a secret", () => {
    const told = corpus.flatMap(({ object }) => objectRules.flatMap((rule) => rule.check(object)));
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

describe("policies for the API server", () => {
  const policies = admissionPolicies(rules);
  const named = (kind: string, name: string): any =>
    policies.find((object) => object.kind === kind && object.metadata.name === name);

  test("are the same each time, plain, and one with its binding a rule", () => {
    expect(JSON.stringify(admissionPolicies(rules))).toBe(JSON.stringify(policies));
    expect(JSON.parse(JSON.stringify(policies))).toStrictEqual(policies);
    const expected = objectRules.filter(({ admission }) => admission).map(({ id }) => `skerry-${id}`);
    for (const kind of ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]) {
      expect(policies.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name)).toEqual(expected);
    }
  });

  test("refuse errors, warn of warnings, and leave the cluster's own namespaces alone", () => {
    for (const { id, severity } of objectRules.filter(({ admission }) => admission)) {
      const { spec } = named("ValidatingAdmissionPolicyBinding", `skerry-${id}`);
      expect(spec.validationActions).toEqual(severity === "error" ? ["Deny", "Audit"] : ["Warn", "Audit"]);
      expect(spec.policyName).toBe(`skerry-${id}`);
      expect(spec.matchResources.namespaceSelector.matchExpressions).toEqual([
        {
          key: "kubernetes.io/metadata.name",
          operator: "NotIn",
          values: ["kube-system", "kube-public", "kube-node-lease"],
        },
      ]);
    }
  });

  test("follow an environment's severities", () => {
    const tuned = admissionPolicies(rules, {
      severities: { probes: "off", "images-pinned": "warning", seccomp: "info", "read-only-root": "error" },
    });
    const actions = (id: string): any =>
      (tuned.find(({ kind, metadata }) => kind.endsWith("Binding") && metadata.name === `skerry-${id}`) as any)?.spec
        .validationActions;
    expect(["probes", "images-pinned", "seccomp", "read-only-root", "no-privileged"].map(actions)).toEqual([
      undefined,
      ["Warn", "Audit"],
      ["Audit"],
      ["Deny", "Audit"],
      ["Deny", "Audit"],
    ]);
  });

  test("hold a team's own rules, and only warn of a rule while a waiver of it counts in the cluster", () => {
    const own: ObjectRule = {
      ...imagesPinned,
      id: "own",
      admission: { validations: [{ expression: "true", message: "Nothing." }] },
    };
    const policy: Policy = {
      rules: [own],
      severities: { production: { probes: "error" } },
      waivers: [
        {
          rule: "no-privileged",
          object: "DaemonSet/*",
          cluster: "tokyo",
          reason: "being rebuilt",
          expires: "2026-12-31",
        },
        { rule: "seccomp", reason: "the same", expires: "2026-11-23" },
      ],
    };
    const severities = (cluster: string) =>
      heldInCluster({ policy, environment: "production", today: "2026-11-24" }, cluster, rules).severities;
    expect(severities("tokyo")).toMatchObject({
      own: "error",
      probes: "error",
      "no-privileged": "warning",
      seccomp: "error",
    });
    expect(severities("osaka")).toMatchObject({ "no-privileged": "error" });
    const held = { policy, environment: "production", today: "2026-11-24" };
    const binding = renderFleet(smallFleet, { policy: held })
      .find(({ cluster }) => cluster === "tokyo")!
      .objects.find(({ kind, metadata }) => kind.endsWith("Binding") && metadata.name === "skerry-no-privileged");
    expect(binding).toMatchObject({ spec: { validationActions: ["Warn", "Audit"] } });
  });

  test("say in one line what is wrong and what to do, within what the API server takes", () => {
    for (const rule of objectRules) {
      if (!rule.admission) continue;
      const { spec } = named("ValidatingAdmissionPolicy", `skerry-${rule.id}`);
      for (const { message } of spec.validations) {
        expect(message).toContain(rule.remedy);
        expect(message).toMatch(/^[^\n]{10,900}$/);
      }
    }
  });
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
    Object.values(fleet.workloads).some(({ tolerates }) => tolerates.some(({ key }) => key === taints.deviceType))
      ? ["device-chosen"]
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
  expect(policies("1.30.0")).toBe(objectRules.filter(({ admission }) => admission).length);
});
