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
import { mergeSpreads } from "../contradictions/spread";
import { countable, podSelectorOf } from "../model/workload";

/** Storage class of the provisioner that K3s includes: a folder on the disk of the node where a pod first runs. */
const LOCAL_STORAGE = "local-path";

/**
 * Writes constraints that do not contradict each other to an object, and returns it. The result does not depend on who
 * requests them, nor in which order.
 */
export function applyConstraints(context: PlacementContext, requested: readonly RequestedConstraint[]): KubeObject {
  const { object, template } = context;
  const ordered = deduplicate(requested);
  const constraints = ordered.map(({ constraint }) => constraint);
  // Read first: the selector may come from the labels that are added below.
  const labelSelector = podSelectorOf(object);
  applyValues(object, template, constraints);
  applyNodes(context, constraints);
  applyPods(context, constraints);

  const tolerations = tolerationsOf(context, ordered);
  if (tolerations.length > 0) template.spec.tolerations = tolerations;
  const spreads = mergeSpreads(selectKind(ordered, "spread").map(({ constraint }) => constraint));
  const own = template.spec.topologySpreadConstraints ?? [];
  const added = spreads
    .map(({ over, maxSkew, minDomains, whenUnsatisfiable }) => ({
      maxSkew,
      ...(minDomains !== undefined && { minDomains }),
      topologyKey: DOMAIN_KEYS[over],
      whenUnsatisfiable,
      labelSelector,
      // Otherwise nodes that repel the pods count as empty, and the others never get more than maxSkew pods.
      ...(whenUnsatisfiable === "DoNotSchedule" && { nodeTaintsPolicy: "Honor" }),
    }))
    .filter(
      ({ topologyKey, whenUnsatisfiable }) =>
        !own.some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable),
    );
  if (added.length > 0) {
    template.spec.topologySpreadConstraints = [...own, ...added];
    if (Object.keys(template.metadata?.labels ?? {}).length === 0) addLabels(template, countable(object));
  }
  selectKind(ordered, "volume").forEach(({ constraint }) => applyVolume(object, template, constraint));
  return sortKeys(object) as KubeObject;
}

/** Sorts keys as cdk8s does, so that the output does not depend on who wrote a field. */
function sortKeys(value: unknown, top = true): unknown {
  if (Array.isArray(value)) return value.map((each) => sortKeys(each, false));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, sortKeys(each, false)] as const);
  const first = ["apiVersion", "kind", "metadata"];
  const rank = (key: string): number => (top && first.includes(key) ? first.indexOf(key) : first.length);
  return Object.fromEntries(entries.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)));
}

/** Keeps each constraint once, in a fixed order. */
function deduplicate(requested: readonly RequestedConstraint[]): RequestedConstraint[] {
  const byText = new Map(requested.map((each) => [serialize(each.constraint), each]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

const serialize = (constraint: PlacementConstraint): string =>
  JSON.stringify(Object.entries(constraint).sort(([a], [b]) => (a < b ? -1 : 1)));

function addLabels(template: PodTemplate, labels: Record<string, string>): void {
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } };
}

function applyValues(object: KubeObject, template: PodTemplate, constraints: readonly PlacementConstraint[]): void {
  for (const constraint of constraints) {
    switch (constraint.kind) {
      case "label":
        addLabels(template, { [constraint.key]: constraint.value });
        break;
      case "annotation": {
        const annotations = { ...template.metadata?.annotations, [constraint.key]: constraint.value };
        template.metadata = { ...template.metadata, annotations };
        break;
      }
      case "object-annotation": {
        const annotations = { ...object.metadata.annotations, [constraint.key]: constraint.value };
        Object.assign(object, { metadata: { ...object.metadata, annotations } });
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

/** Adds a volume claim template to a StatefulSet, which keeps data when a pod is replaced, and an emptyDir to other kinds. */
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
