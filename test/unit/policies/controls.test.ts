import { templatePath } from "../../../fleet/kubernetes/pod-template";
import { everyPlace, everyPodSpec } from "../../../policies/controls/page";
import { OTHER_POD_SPECS, PLACE_RULES } from "../../../policies/controls/place-rules";
import { placesOf } from "../../../policies/controls/places";
import { type Control, HARDENING_GUIDE, POD_SECURITY_STANDARDS } from "../../../policies/controls/standards";
import { rules } from "../../../policies/rules";
import { cases } from "./cases";
import { availabilityCases } from "./cluster-cases/availability";
import { capacityCases } from "./cluster-cases/capacity";
import { nodeCases } from "./cluster-cases/nodes";
import { referenceCases } from "./cluster-cases/references";

const ids = new Set(rules.map(({ id }) => id));
const clusterCases = { ...availabilityCases, ...capacityCases, ...nodeCases, ...referenceCases };

/** Paths and messages of everything that the examples of a rule break. */
const found = (rule: string): string[] => [
  ...(cases[rule]?.broken ?? []).flatMap(({ paths }) => paths),
  ...Object.values(clusterCases[rule]?.broken ?? {}).flatMap((each) => each.found),
];

describe("places in Kubernetes' types", () => {
  const places = everyPlace();

  test("are each checked by a rule, or say why not", () => {
    expect(places.length).toBeGreaterThan(200);
    expect(places.map(({ name }) => name).filter((name) => !(name in PLACE_RULES))).toEqual([]);
    const known = new Set(places.map(({ name }) => name));
    expect(Object.keys(PLACE_RULES).filter((name) => !known.has(name))).toEqual([]);
  });

  test("name rules that there are, and whose examples break at the field", () => {
    // What decides lies in another object than the finding is about.
    const elsewhere = new Set(["ServiceAccount.automountServiceAccountToken no-default-account-token"]);
    const wrong = Object.entries(PLACE_RULES).flatMap(([name, checked]) => {
      if ("none" in checked) return [];
      const [type, field] = name.split(".") as [string, string];
      const holder = type === "EphemeralContainer" ? "ephemeralContainers" : "";
      return checked
        .filter((rule) => !ids.has(rule) || !found(rule).some((path) => path.includes(field) && path.includes(holder)))
        .map((rule) => `${name} ${rule}`);
    });
    // A kind of volume is known by its field, of which one example each would say nothing more.
    expect(wrong.filter((each) => !/^Volume\.\w+ volume-types$/.test(each) && !elsewhere.has(each))).toEqual([]);
  });

  test("that a newer version adds are missed", () => {
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
    const missing = placesOf(schema).filter(({ name }) => !(name in PLACE_RULES));
    expect(missing).toEqual([
      { name: "PodSpec.adminPassword", topic: "secret" },
      { name: "PodSpec.containers", topic: "security" },
      { name: "SecurityContext.rights", topic: "security" },
    ]);
  });
});

test("every kind that holds a pod's spec is looked at, or says why not", () => {
  const specs = everyPodSpec();
  expect(specs.length).toBeGreaterThanOrEqual(9);
  for (const [apiVersion, kind, path] of specs.map((text) => text.split(" ") as [string, string, string])) {
    const steps = templatePath({ apiVersion, kind });
    const looked = steps && [...steps, "spec"].join(".");
    expect({ kind, path: looked ?? OTHER_POD_SPECS[`${apiVersion} ${kind}`] }).toEqual({
      kind,
      path: looked === undefined ? expect.any(String) : path,
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

  test("name rules that there are, or a reason", () => {
    for (const { title, checked } of controls) {
      const stated = "none" in checked ? checked.none.length > 10 : checked.every((id) => ids.has(id));
      expect({ title, stated }).toEqual({ title, stated: true });
    }
  });

  test("every control of the Pod Security Standards has a rule", () => {
    for (const [id, { checked }] of Object.entries({ ...baseline, ...restricted })) {
      expect({ id, none: "none" in checked }).toEqual({ id, none: false });
    }
    // The checks of k8s.io/pod-security-admission 0.36.
    expect(Object.keys(baseline)).toHaveLength(12);
    expect(Object.keys(restricted)).toHaveLength(7);
  });
});
