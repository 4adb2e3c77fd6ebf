import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import type { KubeObject } from "../fleet/kubernetes/object";
import type { PodTemplate } from "../fleet/kubernetes/pod-template";
import { applyNodes } from "./apply-nodes";
import { applyPods } from "./apply-pods";
import { tolerationsOf } from "./apply-tolerations";
import { DOMAIN_KEYS } from "./domains";
import { type Facts, ofKind, type Piece, type VolumePiece, type Wanted } from "./intent";
import { strictest } from "./agree-on-spread";
import { containersOf, countable, podSelectorOf } from "./workload";

/** The provisioner that K3s brings: a folder on the disk of the node where a pod first runs. */
const LOCAL_STORAGE = "local-path";

/**
 * The object with everything that is asked of it, which contradicts nothing. Who asks, and in which order, leaves no
 * trace: pieces are applied by what they say.
 */
export function applied(facts: Facts, asked: readonly Wanted[]): KubeObject {
  const { object, template } = facts;
  const wanted = inFixedOrder(asked);
  const pieces = wanted.map(({ piece }) => piece);
  // The selector is read before labels are added to what it may be read from.
  const labelSelector = podSelectorOf(object);
  applyValues(object, template, pieces);
  applyNodes(facts, pieces);
  applyPods(facts, pieces);

  const tolerations = tolerationsOf(facts, wanted);
  if (tolerations.length > 0) template.spec.tolerations = tolerations;
  const spreads = strictest(ofKind(wanted, "spread").map(({ piece }) => piece));
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
  ofKind(wanted, "volume").forEach(({ piece }) => applyVolume(object, template, piece));
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

/** Each piece once, ordered by what it says. */
function inFixedOrder(asked: readonly Wanted[]): Wanted[] {
  const byText = new Map(asked.map((wanted) => [textOf(wanted.piece), wanted]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wanted]) => wanted);
}

const textOf = (piece: Piece): string => JSON.stringify(Object.entries(piece).sort(([a], [b]) => (a < b ? -1 : 1)));

function label(template: PodTemplate, labels: Record<string, string>): void {
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...labels } };
}

function applyValues(object: KubeObject, template: PodTemplate, pieces: readonly Piece[]): void {
  for (const piece of pieces) {
    switch (piece.kind) {
      case "label":
        label(template, { [piece.key]: piece.value });
        break;
      case "annotation": {
        const annotations = { ...template.metadata?.annotations, [piece.key]: piece.value };
        template.metadata = { ...template.metadata, annotations };
        break;
      }
      case "scheduler":
        template.spec.schedulerName = piece.value;
        break;
      case "priority":
        template.spec.priorityClassName = piece.value;
        break;
      case "replicas":
        (object.spec as { replicas?: number }).replicas = Number(piece.value);
        break;
    }
  }
}

/** StatefulSets keep their data when a pod is replaced; everywhere else it lives as long as its pod. */
function applyVolume(object: KubeObject, template: PodTemplate, { name, path, size }: VolumePiece): void {
  for (const container of containersOf(template)) {
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
