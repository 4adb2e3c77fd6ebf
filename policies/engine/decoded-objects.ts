import type { KubeObject } from "../../fleet/kubernetes/object";
import type { ClusterSubject } from "./cluster-subject";
import type { SourceLocator } from "./evaluate";
import type { RawFinding } from "./check";
import { withoutNulls } from "../schema/nulls";

/** The objects of clusters as the API server decodes them, and as which they were given. */
export class DecodedObjects {
  readonly clusters: readonly ClusterSubject[];
  private readonly given = new Map<KubeObject, { readonly object: KubeObject; readonly index: number }>();

  constructor(clusters: readonly ClusterSubject[]) {
    this.clusters = clusters.map((cluster) => {
      const { objects, context = [], kubernetesVersion } = cluster;
      // Together, for the definitions of custom kinds may be among either.
      const decoded = withoutNulls([...objects, ...context], kubernetesVersion);
      decoded.forEach((object, index) => {
        this.given.set(object, { object: objects[index] ?? context[index - objects.length]!, index: this.given.size });
      });
      return { ...cluster, objects: decoded.slice(0, objects.length), context: decoded.slice(objects.length) };
    });
  }

  /** What was found, in the order in which the objects were given. */
  inOrder(judged: readonly RawFinding[]): RawFinding[] {
    const index = ({ object }: RawFinding): number => (object && this.given.get(object)?.index) ?? -1;
    return [...judged].sort((a, b) => index(a) - index(b));
  }

  /** Places that are asked with decoded objects. */
  places(places: SourceLocator): SourceLocator {
    return {
      ...places,
      object: (object, path) => places.object?.(this.given.get(object)?.object ?? object, path) ?? {},
    };
  }
}
