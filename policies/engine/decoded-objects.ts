import type { KubeObject } from "../../fleet/kubernetes/object";
import type { RuleViolation } from "./check";
import type { ClusterSubject } from "./subjects";
import { withoutNulls } from "../schema/nulls";

/** The objects of clusters as the API server decodes them, with a mapping back to the original objects. */
export class DecodedObjects {
  readonly clusters: readonly ClusterSubject[];
  private readonly originals = new Map<KubeObject, { readonly object: KubeObject; readonly index: number }>();

  constructor(clusters: readonly ClusterSubject[]) {
    this.clusters = clusters.map((cluster) => {
      const { objects, context = [], kubernetesVersion } = cluster;
      // Both in one call: definitions of custom kinds may be in either list.
      const decoded = withoutNulls([...objects, ...context], kubernetesVersion);
      decoded.forEach((object, index) => {
        const original = objects[index] ?? context[index - objects.length]!;
        this.originals.set(object, { object: original, index: this.originals.size });
      });
      return { ...cluster, objects: decoded.slice(0, objects.length), context: decoded.slice(objects.length) };
    });
  }

  /** Returns the object that a decoded object was decoded from. */
  original(decoded: KubeObject): KubeObject {
    return this.originals.get(decoded)?.object ?? decoded;
  }

  /** Sorts violations by the order of the original objects. Violations without an object come first. */
  sort(violations: readonly RuleViolation[]): RuleViolation[] {
    const index = ({ object }: RuleViolation): number => (object && this.originals.get(object)?.index) ?? -1;
    return [...violations].sort((a, b) => index(a) - index(b));
  }
}
