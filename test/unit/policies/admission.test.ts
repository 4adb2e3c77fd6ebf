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
import { type Admission, type AdmittedRule, isAdmitted, type ObjectRule } from "../../../policies/rule";
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
const admitted = rules.filter(isAdmitted);
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

/** A rule of a team's own. */
const own = (id: string, admission: Partial<Admission> = {}): AdmittedRule & ObjectRule => ({
  ...imagesPinned,
  id,
  admission: { validations: [{ expression: "true", message: "Nothing." }], ...admission },
});
const KINDS = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] as const;
const namesOf = (policies: readonly KubeObject[], kind: string): string[] =>
  policies.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
/** The rule of each validation, by the name of its policy. */
const rulesIn = (policies: readonly KubeObject[]): Record<string, string[]> =>
  Object.fromEntries(
    policies
      .filter(({ kind }) => kind === KINDS[0])
      .map(({ metadata, spec }: any) => [
        metadata.name,
        [...new Set<string>(spec.validations.map(({ message }: any) => message.split(":")[0]))],
      ]),
  );
const policyWith = (policies: readonly KubeObject[], id: string): string | undefined =>
  Object.entries(rulesIn(policies)).find(([, ids]) => ids.includes(id))?.[0];

describe("policies for the API server", () => {
  const policies = admissionPolicies(rules);
  const named = (kind: string, name: string): any =>
    policies.find((object) => object.kind === kind && object.metadata.name === name);

  test("are the same each time, plain, and a handful with their bindings", () => {
    expect(JSON.stringify(admissionPolicies(rules))).toBe(JSON.stringify(policies));
    expect(JSON.parse(JSON.stringify(policies))).toStrictEqual(policies);
    for (const kind of KINDS) {
      expect(namesOf(policies, kind)).toEqual([
        "skerry-pods-warning",
        "skerry-pods-error",
        "skerry-configmaps-error",
        "skerry-configmaps-warning",
        "skerry-pods-configmaps-error",
      ]);
    }
  });

  test("state every rule in exactly one of them, with all its validations", () => {
    const stated = Object.values(rulesIn(policies)).flat();
    expect(stated.sort()).toEqual(admitted.map(({ id }) => id).sort());
    for (const { id, admission } of admitted) {
      const { metadata, spec } = named(KINDS[0], policyWith(policies, id)!);
      expect(metadata.annotations["skerry.dev/rules"].split(",")).toContain(id);
      const expressions = spec.validations
        .filter(({ message }: any) => message.startsWith(`${id}: `))
        .map(({ expression }: any) => expression);
      expect(expressions).toHaveLength(admission.validations.length);
      admission.validations.forEach(({ expression }, index) => expect(expressions[index]).toContain(expression));
    }
  });

  test("state each variable once, before it is used", () => {
    for (const { spec } of policies.filter(({ kind }) => kind === KINDS[0]) as any[]) {
      const names = spec.variables.map(({ name }: any) => name);
      expect(new Set(names).size).toBe(names.length);
      spec.variables.forEach(({ expression }: any, index: number) => {
        const used = [...expression.matchAll(/variables\.(\w+)/g)].map(([, name]: any) => name);
        expect(names.slice(0, index)).toEqual(expect.arrayContaining(used));
      });
    }
  });

  test("refuse errors, warn of warnings, and leave the cluster's own namespaces alone", () => {
    for (const { id, severity } of admitted) {
      const name = policyWith(policies, id)!;
      const { spec } = named("ValidatingAdmissionPolicyBinding", name);
      expect(spec.validationActions).toEqual(severity === "error" ? ["Deny", "Audit"] : ["Warn", "Audit"]);
      expect(spec.policyName).toBe(name);
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
    const where = (id: string): string | undefined => policyWith(tuned, id);
    expect(["probes", "images-pinned", "seccomp", "read-only-root", "no-privileged"].map(where)).toEqual([
      undefined,
      "skerry-pods-warning",
      "skerry-pods-info",
      "skerry-pods-error",
      "skerry-pods-error",
    ]);
    const info = tuned.find(({ kind, metadata }) => kind === KINDS[1] && metadata.name === "skerry-pods-info") as any;
    expect(info.spec.validationActions).toEqual(["Audit"]);
  });

  test("keep a team's own rules apart from Skerry's, grouped in the same way", () => {
    const deployments = { apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] };
    const ingresses = { apiGroups: ["networking.k8s.io"], apiVersions: ["v1"], resources: ["ingresses"] };
    const grouped = admissionPolicies([
      ...rules,
      own("a"),
      own("b", { resources: [deployments, ingresses] }),
      own("c", { resources: [ingresses, deployments] }),
      own("d", { resources: [{ ...deployments, apiGroups: ["example.dev"] }] }),
    ]);
    const owned = Object.entries(rulesIn(grouped)).filter(([name]) => name.startsWith("skerry-own-"));
    expect(owned.map(([name, ids]) => [name.replace(/[0-9a-f]{8}/, "#"), ids])).toEqual([
      ["skerry-own-pods-error", ["a"]],
      ["skerry-own-deployments-ingresses-#-error", ["b", "c"]],
      ["skerry-own-deployments-#-error", ["d"]],
    ]);
    expect(grouped.slice(0, policies.length)).toStrictEqual(policies);
  });

  test("look at no other kind than a rule names", () => {
    const [{ spec }] = admissionPolicies([own("a", { kinds: ["Pod"] })]) as any[];
    expect(spec.validations[0].expression).toBe('!(object.kind in ["Pod"]) || (true)');
  });

  test("share variables that rules define alike, and refuse those that they do not", () => {
    const using = (id: string, name: string, expression: string) =>
      own(id, { variables: [{ name, expression }], validations: [{ expression: `variables.${name}`, message: id }] });
    const [{ spec }] = admissionPolicies([using("a", "x", "true"), using("b", "x", "true")]) as any[];
    expect(spec.variables.filter(({ name }: any) => name === "x")).toHaveLength(1);
    expect(() => admissionPolicies([using("a", "x", "true"), using("b", "x", "false")])).toThrow(
      'rule b: variable "x" is defined differently by a in the same admission policy (pods-error); rename it',
    );
    expect(() => admissionPolicies([using("a", "pod", "true")])).toThrow(/"pod" is defined differently by every rule/);
    // Of another severity, and so in another policy.
    expect(() =>
      admissionPolicies([using("a", "x", "true"), { ...using("b", "x", "false"), severity: "warning" }]),
    ).not.toThrow();
  });

  test("hold a team's own rules, and only warn of a rule while a waiver of it counts in the cluster", () => {
    const policy: Policy = {
      rules: [own("own")],
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
    const { objects } = renderFleet(smallFleet, { policy: held }).find(({ cluster }) => cluster === "tokyo")!;
    expect(policyWith(objects, "no-privileged")).toBe("skerry-pods-warning");
    expect(policyWith(objects, "own")).toBe("skerry-own-pods-error");
  });

  test("say in one line what is wrong and what to do, within what the API server takes", () => {
    const validations = policies.flatMap(({ spec }: any) => spec.validations ?? []);
    for (const { message } of validations) {
      const rule = admitted.find(({ id }) => message.startsWith(`${id}: `))!;
      expect(message).toContain(rule.remedy);
      expect(message).toMatch(/^[^\n]{10,900}$/);
    }
    expect(validations.length).toBeGreaterThan(admitted.length);
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
  expect(policies("1.30.0")).toBe(admissionPolicies(rules).length / 2);
});
