import type { Construct } from "constructs";

import type { Domain, PlacementContext, PlacementConstraint, UnsatisfiableAction } from "./model/constraint";
import { Placement, type PlacementProps } from "./placement";

export interface SpreadProps extends PlacementProps {
  /** By how many pods the fullest domain may be ahead of the emptiest; 1 or more. @default 1 */
  readonly maxSkew?: number;
  /** Least number of domains: fewer count as if the missing ones were empty. Needs `DoNotSchedule`. @default none */
  readonly minDomains?: number;
  /**
   * What happens when a pod cannot be placed without breaking the spread: it is placed all the same, or waits.
   * @default "ScheduleAnyway"; "DoNotSchedule" with `minDomains`
   */
  readonly whenUnsatisfiable?: UnsatisfiableAction;
}

/** Pods of one workload, evenly over domains. A DaemonSet has one on each node already: there it says nothing. */
export abstract class Spread extends Placement {
  constructor(
    scope: Construct,
    id: string,
    private readonly over: Domain,
    private readonly props: SpreadProps,
  ) {
    super(scope, id, props);
  }

  protected override constraints({ perNode }: PlacementContext): readonly PlacementConstraint[] {
    const { maxSkew = 1, minDomains } = this.props;
    if (perNode) return [];
    return [
      {
        kind: "spread",
        over: this.over,
        maxSkew,
        ...(minDomains !== undefined && { minDomains }),
        whenUnsatisfiable: this.whenUnsatisfiable,
      },
    ];
  }

  protected override problems(): readonly string[] {
    const { maxSkew = 1, minDomains } = this.props;
    const whole = (name: string, got: number): string[] =>
      Number.isInteger(got) && got >= 1 ? [] : [`${name}: got ${got}, allowed whole numbers from 1`];
    return [
      ...whole("maxSkew", maxSkew),
      ...(minDomains === undefined ? [] : whole("minDomains", minDomains)),
      ...(minDomains !== undefined && this.whenUnsatisfiable !== "DoNotSchedule"
        ? [
            `minDomains: got ${minDomains} beside whenUnsatisfiable ${this.whenUnsatisfiable}, allowed beside DoNotSchedule`,
          ]
        : []),
    ];
  }

  private get whenUnsatisfiable(): UnsatisfiableAction {
    return this.props.whenUnsatisfiable ?? (this.props.minDomains === undefined ? "ScheduleAnyway" : "DoNotSchedule");
  }
}
