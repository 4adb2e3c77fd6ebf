import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { PodTemplate } from "../../fleet/kubernetes/pod-template";
import { applyNodes } from "./nodes";
import { applyPods } from "./pods";
import { tolerationsOf } from "./tolerations";
import { DOMAIN_KEYS } from "../model/domains";
import {
  type PlacementContext,
  selectKind,
  type PlacementConstraint,
  type VolumeConstraint,
  type RequestedConstraint,
} from "../model/constraint";
import { strictest } from "../contradictions/spread";
import { countable, podSelectorOf } from "../model/workload";

/** The provisioner that K3s brings: a folder on the disk of the node where a pod first runs. */
const LOCAL_STORAGE = "local-path";

/**
 * The object with everything that is asked of it, which contradicts nothing. Who asks, and in which order, leaves no
 * trace: constraints are applied by what they say.
 */
export function applyConstraints(context: PlacementContext, asked: readonly RequestedConstraint[]): KubeObject {
  const { object, template } = context;
  const wanted = inFixedOrder(asked);
  const constraints = wanted.map(({ constraint }) => constraint);
  // The selector is read before labels are added to what it may be read from.
  const labelSelector = podSelectorOf(object);
  applyValues(object, template, constraints);
  applyNodes(context, constraints);
  applyPods(context, constraints);

  const tolerations = tolerationsOf(context, wanted);
  if (tolerations.length > 0) template.spec.tolerations = tolerations;
  const spreads = strictest(selectKind(wanted, "spread").map(({ constraint }) => constraint));
  const own = template.spec.topologySpreadConstraints ?? [];
  const added = spreads
    .map(({ over, maxSkew, minDomains, whenUnsatisfiable }) => ({
      maxSkew,
      ...(minDomains !== undefined && { minDomains }),
      topologyKey: DOMAIN_KEYS[over],
      whenUnsatisfiable,
      labelSelector,
      // Else nodes that the pods may not use count as empty ones, and the rest may never hold more than maxSkew.
      ...(whenUnsatisfiable === "DoNotSchedule" && { nodeTaintsPolicy: "Honor" }),
    }))
    .filter(
      (each) => !own.some((o) => o.topologyKey === each.topologyKey && o.whenUnsatisfiable === each.whenUnsatisfiable),
    );
  if (added.length > 0) {
    template.spec.topologySpreadConstraints = [...own, ...added];
    if (Object.keys(template.metadata?.labels ?? {}).length === 0) label(template, countable(object));
  }
  selectKind(wanted, "volume").forEach(({ constraint }) => applyVolume(object, template, constraint));
  return sorted(object) as KubeObject;
}

/** Keys in the order that cdk8s gives them, so that who wrote a field leaves no trace. */
function sorted(value: unknown, top = true): unknown {
  if (Array.isArray(value)) return value.map((each) => sorted(each, false));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sorted(each, false)] as const);
  const first = ["apiVersion", "kind", "metadata"];
  const rank = (key: string): number => (top && first.includes(key) ? first.indexOf(key) : first.length);
  return Object.fromEntries(entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

/** Each constraint once, ordered by what it says. */
function inFixedOrder(asked: readonly RequestedConstraint[]): RequestedConstraint[] {
  const byText = new Map(asked.map((wanted) => [textOf(wanted.constraint), wanted]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wanted]) => wanted);
}

const textOf = (constraint: PlacementConstraint): string =>
  JSON.stringify(Object.entries(constraint).sort(([a], [b]) => (a < b ? -1 : 1)));

function label(template: PodTemplate, labels: Record<string, string>): void {
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } };
}

function applyValues(object: KubeObject, template: PodTemplate, constraints: readonly PlacementConstraint[]): void {
  for (const constraint of constraints) {
    switch (constraint.kind) {
      case "label":
        label(template, { [constraint.key]: constraint.value });
        break;
      case "annotation": {
        const annotations = { ...template.metadata?.annotations, [constraint.key]: constraint.value };
        template.metadata = { ...template.metadata, annotations };
        break;
      }
      case "scheduler":
        template.spec.schedulerName = constraint.value;
        break;
      case "priority":
        template.spec.priorityClassName = constraint.value;
        break;
      case "replicas":
        (object.spec as { replicas?: number }).replicas = Number(constraint.value);
        break;
    }
  }
}

/** StatefulSets keep their data when a pod is replaced; everywhere else it lives as long as its pod. */
function applyVolume(object: KubeObject, template: PodTemplate, { name, path, size }: VolumeConstraint): void {
  for (const container of template.spec.containers ?? []) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, mountPath: path }];
  }
  if (object.kind !== "StatefulSet") {
    template.spec.volumes = [...(template.spec.volumes ?? []), { name, emptyDir: { sizeLimit: size } }];
    return;
  }
  const spec = object.spec as { volumeClaimTemplates?: V1PersistentVolumeClaim[] };
  spec.volumeClaimTemplates = [
    ...(spec.volumeClaimTemplates ?? []),
    {
      metadata: { name },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: LOCAL_STORAGE,
        resources: { requests: { storage: size } },
      },
    },
  ];
}
