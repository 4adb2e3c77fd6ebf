import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { isQualifiedName } from "../../../fleet/reading/forms";
import { templateOf } from "../../../fleet/kubernetes/pod-template";

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** What the API server would refuse of what placements write, by its rules for pods (pkg/apis/core/validation). */
export function shapeProblems(object: KubeObject): string[] {
  const template = templateOf(object);
  if (!template) return [];
  const { metadata, spec } = template;
  const problems: string[] = [];
  const must = (holds: boolean, problem: string): void => void (holds || problems.push(problem));
  const unique = (name: string, values: readonly string[]): void =>
    must(new Set(values).size === values.length, `${name} twice: ${values.join(", ")}`);

  Object.entries({ ...metadata?.labels, ...spec.nodeSelector }).forEach(([key, value]) =>
    must(value.length <= 63 && LABEL_VALUE.test(value), `label ${key}: ${value}`),
  );
  (spec.tolerations ?? []).forEach(({ key = "", value = "" }) =>
    must(isQualifiedName(key) && LABEL_VALUE.test(value), `toleration ${key}=${value}`),
  );
  Object.entries(metadata?.annotations ?? {}).forEach(([key, value]) =>
    must(typeof value === "string", `annotation ${key}`),
  );
  const spreads = spec.topologySpreadConstraints ?? [];
  unique(
    "spread",
    spreads.map((each) => `${each.topologyKey} ${each.whenUnsatisfiable}`),
  );
  spreads.forEach(({ maxSkew, minDomains, whenUnsatisfiable, labelSelector }) => {
    must(Number.isInteger(maxSkew) && maxSkew > 0, "maxSkew");
    must(minDomains === undefined || (minDomains > 0 && whenUnsatisfiable === "DoNotSchedule"), "minDomains");
    const matched = Object.entries(labelSelector?.matchLabels ?? {});
    must(matched.length > 0, "a spread that counts all pods of the namespace");
    matched.forEach(([key, value]) =>
      must(metadata?.labels?.[key] === value, `a spread that does not count its own pods`),
    );
  });
  unique(
    "toleration",
    (spec.tolerations ?? []).map(({ key, operator, value, effect }) => {
      must(operator !== "Exists" || value === undefined, "a toleration of any value that names one");
      return [key, operator, value, effect].join(" ");
    }),
  );
  const node = spec.affinity?.nodeAffinity;
  const terms = node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  must(terms === undefined || terms.length > 0, "no node selector terms");
  const preferred = node?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  [...(terms ?? []), ...preferred.map(({ preference }) => preference)].forEach(({ matchExpressions = [] }) =>
    matchExpressions.forEach(({ operator, values }) =>
      must(
        (operator === "Exists") === (values === undefined) &&
          values?.length !== 0 &&
          (values ?? []).every((value) => LABEL_VALUE.test(value)),
        "a node selector requirement",
      ),
    ),
  );
  preferred.forEach(({ weight }) => must(weight >= 1 && weight <= 100, "weight"));
  for (const side of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    (side?.requiredDuringSchedulingIgnoredDuringExecution ?? []).forEach((term) => {
      must(term.topologyKey.length > 0, "topologyKey");
      const labels = Object.entries(term.labelSelector?.matchLabels ?? {});
      must(labels.length > 0, "pods of the whole namespace");
      labels.forEach(([key, value]) => must(isQualifiedName(key) && LABEL_VALUE.test(value), `${key}=${value}`));
    });
  }
  const claims =
    ((object.spec ?? {}) as { volumeClaimTemplates?: V1PersistentVolumeClaim[] }).volumeClaimTemplates ?? [];
  const volumes = [
    ...(spec.volumes ?? []).map(({ name }) => name),
    ...claims.map((claim) => claim.metadata?.name ?? ""),
  ];
  unique("volume", volumes);
  spec.containers.forEach(({ volumeMounts = [] }) => {
    unique(
      "mount",
      volumeMounts.map(({ mountPath }) => mountPath),
    );
    volumeMounts.forEach(({ name }) => must(volumes.includes(name), `a mount of no volume: ${name}`));
  });
  return problems;
}
