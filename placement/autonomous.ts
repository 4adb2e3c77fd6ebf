import { type Size, SizeRoundingBehavior } from "cdk8s";
import type { Construct } from "constructs";

import { nameAuthor } from "./model/authored";
import type { PlacementContext, PlacementConstraint } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

/** Taints that Kubernetes puts on a node that it does not hear of any more. */
export const LOST_NODE = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] as const;

export interface AutonomousProps extends PlacementProps {
  /**
   * A volume on the node's own disk, mounted in every container: what is written during the cut is still there after it.
   * A StatefulSet's outlives its pods (and can be given when it is created, not later); that of others lives as long as
   * the pod.
   * @default none
   */
  readonly data?: {
    /** Absolute path in the containers. */
    readonly path: string;
    /** 1 MiB or more. */
    readonly size: Size;
    /** @default "local-data" */
    readonly name?: string;
  };
}

/**
 * Pods go on where they are when the link to their control plane is cut, however long that takes: the taints of a lost
 * node are tolerated without an end, so nothing is evicted, and nothing starts a second time elsewhere. The price: of a
 * node that really died, pods are not replaced until somebody removes it.
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
              size: quantity(data.size),
            } as const,
          ]
        : []),
    ];
  }

  protected override problems(context: PlacementContext): readonly string[] {
    const { data } = this.props;
    // Of several tolerations that match a taint, Kubernetes goes by the first, and the author's stand first.
    const limited = (context.template.spec.tolerations ?? []).filter(
      ({ key, effect, tolerationSeconds }) =>
        typeof tolerationSeconds === "number" &&
        (!key || (LOST_NODE as readonly string[]).includes(key)) &&
        (!effect || effect === "NoExecute"),
    );
    return [
      ...limited.map(
        ({ key, tolerationSeconds }) =>
          `${nameAuthor(context)} tolerates ${key ?? "every taint"} for ${tolerationSeconds} s only: leave that toleration out`,
      ),
      ...(data && mebibytes(data.size) === 0 ? ["data.size: got less than 1 MiB, allowed 1 MiB or more"] : []),
      ...(data && !/^\/[^:]*[^/:]$/.test(data.path)
        ? [`data.path: got ${JSON.stringify(data.path)}, allowed an absolute path like /data`]
        : []),
    ];
  }
}

const mebibytes = (size: Size): number => size.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR });

function quantity(size: Size): string {
  const whole = mebibytes(size);
  return whole % 1024 === 0 ? `${whole / 1024}Gi` : `${whole}Mi`;
}
