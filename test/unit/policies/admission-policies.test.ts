import { renderFleet } from "../../../charts/render";
import { type KubeObject, nameOf } from "../../../fleet/kubernetes/object";
import { resolveEnforcement } from "../../../policies/admission/enforced-policy";
import { admissionPolicies } from "../../../policies/admission/policies";
import type { Policy } from "../../../policies/engine/policy";
import {
  type Admission,
  type AdmittedRule,
  isAdmitted,
  type NamedExpression,
  type ObjectRule,
} from "../../../policies/engine/rule";
import { rules } from "../../../policies/rules";
import { imagesPinned } from "../../../policies/rules/images-pinned";
import { smallFleet } from "../../fixtures/small-fleet";

const admitted = rules.filter(isAdmitted);

/** Fields of a policy and of a binding. */
interface Spec {
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
  readonly variables: readonly NamedExpression[];
  readonly policyName: string;
  readonly validationActions: readonly string[];
  readonly matchResources: { readonly namespaceSelector: { readonly matchExpressions: readonly object[] } };
}
const specOf = ({ spec }: KubeObject): Spec => spec as Spec;

/** Returns a custom rule. */
const own = (id: string, admission: Partial<Admission> = {}): AdmittedRule & ObjectRule => ({
  ...imagesPinned,
  id,
  admission: { validations: [{ expression: "true", message: "Nothing." }], ...admission },
});
const KINDS = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"] as const;
const namesOf = (policies: readonly KubeObject[], kind: string): string[] =>
  policies.filter((object) => object.kind === kind).map(nameOf);
/** Returns the rules of each policy, by the name of the policy. */
const rulesIn = (policies: readonly KubeObject[]): Record<string, string[]> =>
  Object.fromEntries(
    policies
      .filter(({ kind }) => kind === KINDS[0])
      .map((object) => [
        nameOf(object),
        [...new Set(specOf(object).validations.map(({ message }) => message.split(":")[0]!))],
      ]),
  );
const policyWith = (policies: readonly KubeObject[], id: string): string | undefined =>
  Object.entries(rulesIn(policies)).find(([, ids]) => ids.includes(id))?.[0];

describe("policies for the API server", () => {
  const policies = admissionPolicies(rules);
  const named = (kind: string, name: string): KubeObject =>
    policies.find((object) => object.kind === kind && object.metadata.name === name)!;

  test("are deterministic, plain and few", () => {
    expect(JSON.stringify(admissionPolicies(rules))).toBe(JSON.stringify(policies));
    expect(JSON.parse(JSON.stringify(policies))).toStrictEqual(policies);
    for (const kind of KINDS) {
      expect(namesOf(policies, kind)).toEqual([
        "skerry-pods-error",
        "skerry-configmaps-error",
        "skerry-configmaps-warning",
        "skerry-pods-warning",
        "skerry-pods-configmaps-error",
      ]);
    }
  });

  test("contain every rule in exactly one policy, with all validations", () => {
    const ids = Object.values(rulesIn(policies)).flat();
    expect(ids.sort()).toEqual(admitted.map(({ id }) => id).sort());
    for (const { id, admission } of admitted) {
      const policy = named(KINDS[0], policyWith(policies, id)!);
      expect(policy.metadata.annotations!["skerry.dev/rules"]!.split(",")).toContain(id);
      const expressions = specOf(policy)
        .validations.filter(({ message }) => message.startsWith(`${id}: `))
        .map(({ expression }) => expression);
      expect(expressions).toHaveLength(admission.validations.length);
      admission.validations.forEach(({ expression }, index) => expect(expressions[index]).toContain(expression));
    }
  });

  test("define each variable once, before its first use", () => {
    for (const { variables } of policies.filter(({ kind }) => kind === KINDS[0]).map(specOf)) {
      const names = variables.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      variables.forEach(({ expression }, index) => {
        const used = [...expression.matchAll(/variables\.(\w+)/g)].map(([, name]) => name);
        expect(names.slice(0, index)).toEqual(expect.arrayContaining(used));
      });
    }
  });

  test("reject errors, report warnings and exempt system namespaces", () => {
    for (const { id, severity } of admitted) {
      const name = policyWith(policies, id)!;
      const spec = specOf(named(KINDS[1], name));
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

  test("use the severities of the environment", () => {
    const tuned = admissionPolicies(rules, {
      severities: { probes: "off", "images-pinned": "warning", seccomp: "info", "read-only-root-filesystem": "error" },
    });
    const where = (id: string): string | undefined => policyWith(tuned, id);
    expect(["probes", "images-pinned", "seccomp", "read-only-root-filesystem", "no-privileged"].map(where)).toEqual([
      undefined,
      "skerry-pods-warning",
      "skerry-pods-info",
      "skerry-pods-error",
      "skerry-pods-error",
    ]);
    const info = tuned.find(({ kind, metadata }) => kind === KINDS[1] && metadata.name === "skerry-pods-info")!;
    expect(specOf(info).validationActions).toEqual(["Audit"]);
  });

  test("separate custom rules from Skerry's, and group them in the same way", () => {
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

  test("check only the kinds of a rule", () => {
    const [policy] = admissionPolicies([own("a", { kinds: ["Pod"] })]);
    expect(specOf(policy!).validations[0]!.expression).toBe('!(object.kind in ["Pod"]) || (true)');
  });

  test("share variables with equal definitions and reject different ones", () => {
    const using = (id: string, name: string, expression: string) =>
      own(id, { variables: [{ name, expression }], validations: [{ expression: `variables.${name}`, message: id }] });
    const [policy] = admissionPolicies([using("a", "x", "true"), using("b", "x", "true")]);
    expect(specOf(policy!).variables.filter(({ name }) => name === "x")).toHaveLength(1);
    expect(() => admissionPolicies([using("a", "x", "true"), using("b", "x", "false")])).toThrow(
      'rule b: variable "x" is defined differently by a in the same admission policy (pods-error); rename it',
    );
    expect(() => admissionPolicies([using("a", "pod", "true")])).toThrow(/"pod" is defined differently by every rule/);
    // Another severity, and therefore another policy.
    expect(() =>
      admissionPolicies([using("a", "x", "true"), { ...using("b", "x", "false"), severity: "warning" }]),
    ).not.toThrow();
  });

  test("include custom rules, and only warn while a waiver is valid in the cluster", () => {
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
      resolveEnforcement({ policy, environment: "production", today: "2026-11-24" }, cluster, rules).severities;
    expect(severities("tokyo")).toMatchObject({
      own: "error",
      probes: "error",
      "no-privileged": "warning",
      seccomp: "error",
    });
    expect(severities("osaka")).toMatchObject({ "no-privileged": "error" });
    const enforced = { policy, environment: "production", today: "2026-11-24" };
    const { objects } = renderFleet(smallFleet, { policy: enforced }).find(({ cluster }) => cluster === "tokyo")!;
    expect(policyWith(objects, "no-privileged")).toBe("skerry-pods-warning");
    expect(policyWith(objects, "own")).toBe("skerry-own-pods-error");
  });

  test("have one-line messages with the remedy, within the API server's length limit", () => {
    const validations = policies.filter(({ kind }) => kind === KINDS[0]).flatMap((each) => specOf(each).validations);
    for (const { message } of validations) {
      const rule = admitted.find(({ id }) => message.startsWith(`${id}: `))!;
      expect(message).toContain(rule.remedy);
      expect(message).toMatch(/^[^\n]{10,900}$/);
    }
    expect(validations.length).toBeGreaterThan(admitted.length);
  });
});
