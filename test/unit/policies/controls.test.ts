import { templatePath } from "../../../fleet/kubernetes/pod-template";
import { findAllFields, findAllPodSpecs } from "../../../policies/controls/page";
import { UNCHECKED_POD_SPECS, FIELD_RULES } from "../../../policies/controls/field-rules";
import { findFields } from "../../../policies/controls/fields";
import { type Control, HARDENING_GUIDE, POD_SECURITY_STANDARDS } from "../../../policies/controls/standards";
import { HARDENING_SETTINGS } from "../../../fleet/k3s/hardening/settings";
import { rules } from "../../../policies/rules";
import { cases } from "./cases";
import { availabilityCases } from "./cluster-cases/availability";
import { capacityCases } from "./cluster-cases/capacity";
import { nodeCases } from "./cluster-cases/nodes";
import { referenceCases } from "./cluster-cases/references";

const ids = new Set(rules.map(({ id }) => id));
const clusterCases = { ...availabilityCases, ...capacityCases, ...nodeCases, ...referenceCases };

/** Returns the paths and messages of all violations in the examples of a rule. */
const findViolations = (rule: string): string[] => [
  ...(cases[rule]?.invalid ?? []).flatMap(({ paths }) => paths),
  ...Object.values(clusterCases[rule]?.invalid ?? {}).flatMap((each) => each.violations),
];

describe("fields of Kubernetes' types", () => {
  const fields = findAllFields();

  test("are checked by a rule or have a reason", () => {
    expect(fields.length).toBeGreaterThan(200);
    expect(fields.map(({ name }) => name).filter((name) => !(name in FIELD_RULES))).toEqual([]);
    const names = new Set(fields.map(({ name }) => name));
    expect(Object.keys(FIELD_RULES).filter((name) => !names.has(name))).toEqual([]);
  });

  test("refer to existing rules with examples that violate them at the field", () => {
    // The finding is reported at another object.
    const elsewhere = new Set(["ServiceAccount.automountServiceAccountToken no-default-account-token"]);
    const wrong = Object.entries(FIELD_RULES).flatMap(([name, coverage]) => {
      if ("none" in coverage) return [];
      const [type, field] = name.split(".") as [string, string];
      const holder = type === "EphemeralContainer" ? "ephemeralContainers" : "";
      return coverage
        .filter(
          (rule) =>
            !ids.has(rule) || !findViolations(rule).some((path) => path.includes(field) && path.includes(holder)),
        )
        .map((rule) => `${name} ${rule}`);
    });
    // An example for every volume type would prove nothing more.
    expect(wrong.filter((each) => !/^Volume\.\w+ volume-types$/.test(each) && !elsewhere.has(each))).toEqual([]);
  });

  test("of a newer Kubernetes version are reported as missing", () => {
    const schema = {
      source: "",
      kinds: { "v1 Pod": "io.k8s.api.core.v1.Pod" },
      definitions: {
        "io.k8s.api.core.v1.Pod": { properties: { spec: { $ref: "#/definitions/io.k8s.api.core.v1.PodSpec" } } },
        "io.k8s.api.core.v1.PodSpec": {
          properties: {
            adminPassword: { type: "string" },
            containers: { items: { $ref: "#/definitions/io.k8s.api.core.v1.SecurityContext" }, type: "array" },
          },
        },
        "io.k8s.api.core.v1.SecurityContext": { properties: { rights: { type: "string" } } },
      },
    };
    const missing = findFields(schema).filter(({ name }) => !(name in FIELD_RULES));
    expect(missing).toEqual([
      { name: "PodSpec.adminPassword", topic: "secret" },
      { name: "PodSpec.containers", topic: "security" },
      { name: "SecurityContext.rights", topic: "security" },
    ]);
  });
});

test("every kind with a pod spec is checked or has a reason", () => {
  const specs = findAllPodSpecs();
  expect(specs.length).toBeGreaterThanOrEqual(9);
  for (const [apiVersion, kind, path] of specs.map((text) => text.split(" ") as [string, string, string])) {
    const steps = templatePath({ apiVersion, kind });
    const checked = steps && [...steps, "spec"].join(".");
    expect({ kind, path: checked ?? UNCHECKED_POD_SPECS[`${apiVersion} ${kind}`] }).toEqual({
      kind,
      path: checked === undefined ? expect.any(String) : path,
    });
  }
});

describe("standards", () => {
  const { baseline, restricted } = POD_SECURITY_STANDARDS;
  const controls: readonly Control[] = [
    ...Object.values(baseline),
    ...Object.values(restricted),
    ...Object.values(HARDENING_GUIDE).flat(),
  ];

  test("refer to existing rules or have a reason", () => {
    for (const { title, coverage } of controls) {
      const covered = "none" in coverage ? coverage.none.length > 10 : coverage.every((id) => ids.has(id));
      expect({ title, covered }).toEqual({ title, covered: true });
    }
  });

  test("every control of a hardening setting is cited by a rule", () => {
    const cited = new Set(rules.flatMap((rule) => rule.controls ?? []));
    const controls = Object.values(HARDENING_SETTINGS).flatMap((setting) => [...setting.controls]);
    expect(
      controls.map((text) => `CIS ${text.replace(/ of (version .*)/, " ($1)")}`).filter((text) => !cited.has(text)),
    ).toEqual([]);
  });

  test("every control of the Pod Security Standards has a rule", () => {
    for (const [id, { coverage }] of Object.entries({ ...baseline, ...restricted })) {
      expect({ id, none: "none" in coverage }).toEqual({ id, none: false });
    }
    // The checks of k8s.io/pod-security-admission 0.36.
    expect(Object.keys(baseline)).toHaveLength(12);
    expect(Object.keys(restricted)).toHaveLength(7);
  });
});
