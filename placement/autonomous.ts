import { type Size, SizeRoundingBehavior } from "cdk8s";
import type { Construct } from "constructs";

import { nameAuthor } from "./model/authored";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Taints that Kubernetes adds to a node whose kubelet stops reporting. */
export const LOST_NODE = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] as const;

/** Properties of {@link Autonomous}. */
export interface AutonomousProps extends PlacementProps {
  /**
   * A volume on the node's disk, mounted in every container, for data that must survive the disconnection. For a
   * StatefulSet, the volume outlives its pods; it must be set when the StatefulSet is created. For other kinds, the volume
   * is deleted with its pod.
   *
   * @default - no volume
   */
  readonly data?: {
    /** Absolute path at which the containers mount the volume, such as `/data`. */
    readonly path: string;
    /** Size of the volume, at least 1 MiB. Fractions of a MiB are rounded down. */
    readonly size: Size;
    /**
     * Name of the volume, a DNS label.
     *
     * @default "local-data"
     */
    readonly name?: string;
  };
}

/**
 * Keeps pods on their node while the node is disconnected from the control plane, for any length of time.
 *
 * The pods are not evicted, and no replacements start elsewhere. If the node has failed for good, its pods are not
 * replaced until the Node object is deleted.
 *
 * Writes to the pod template:
 * - `spec.tolerations`: `node.kubernetes.io/not-ready` and `node.kubernetes.io/unreachable` with effect `NoExecute` and no
 *   `tolerationSeconds`.
 * - With `data`, `volumeMounts` of every container, and either a volume claim template of storage class `local-path` for
 *   a StatefulSet or a volume of type `emptyDir` with a size limit for other kinds.
 *
 * Synthesis fails if the object tolerates one of these taints for a limited time, or already has a volume with that name
 * or at that path.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
 *
 * @example
 * new Autonomous(chart, "through-cuts", { workload: broker, data: { path: "/data", size: Size.gibibytes(2) } });
 */
export class Autonomous extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AutonomousProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints(): readonly PlacementConstraint[] {
    const { data } = this.props;
    return [
      ...LOST_NODE.map((key): PlacementConstraint => ({ kind: "tolerate", key, effect: "NoExecute" })),
      ...(data
        ? [
            {
              kind: "volume",
              name: data.name ?? "local-data",
              path: data.path,
              size: formatSize(data.size),
            } as const,
          ]
        : []),
    ];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    const { data } = this.props;
    // Kubernetes applies the first toleration that matches a taint, and the author's come first.
    const limited = (context.template.spec.tolerations ?? []).filter(
      ({ key, effect, tolerationSeconds }) =>
        typeof tolerationSeconds === "number" &&
        (!key || (LOST_NODE as readonly string[]).includes(key)) &&
        (!effect || effect === "NoExecute"),
    );
    return [
      ...limited.map(
        ({ key, tolerationSeconds }) =>
          `${nameAuthor(context)} tolerates ${key ?? "every taint"} for only ${tolerationSeconds} s: remove that toleration`,
      ),
      ...(data && toMebibytes(data.size) === 0 ? ["data.size: must be at least 1 MiB"] : []),
      ...(data && !/^\/[^:]*[^/:]$/.test(data.path)
        ? [`data.path: must be an absolute path such as /data, got ${JSON.stringify(data.path)}`]
        : []),
    ];
  }
}

const toMebibytes = (size: Size): number => size.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR });

function formatSize(size: Size): string {
  const mebibytes = toMebibytes(size);
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}
