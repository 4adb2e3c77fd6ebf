import * as pulumi from "@pulumi/pulumi";

import type { Difference } from "../../../fleet/existing/difference";
import { FleetError } from "../../../fleet/reading/parse";

/** What was found in one cluster. Paths start at the fleet. */
export interface Findings {
  /** UID of the namespace kube-system. Undefined if the cluster could not be read, which is among the differences. */
  readonly uid: string | undefined;
  readonly differences: readonly Difference[];
}

/**
 * Collects what was found in all clusters of a program. No cluster is changed before all of them were inspected, and none is
 * changed if one of them has an error.
 */
export class Review {
  private readonly findings: pulumi.Output<Findings>[] = [];
  private readonly identities: pulumi.Output<unknown>[] = [];
  private failure: pulumi.RunError | undefined;

  /**
   * @param findings what was found in a cluster
   * @param identity an output that fails if the cluster is another one than that of the state
   */
  add(findings: pulumi.Output<Findings>, identity: pulumi.Output<unknown>): void {
    this.findings.push(findings);
    this.identities.push(identity);
  }

  /** Returns the UID of a cluster. Fails with all errors if the cluster could not be read. */
  uidOf(findings: pulumi.Output<Findings>): pulumi.Output<string> {
    return findings.apply(({ uid }) => (uid === undefined ? this.release(pulumi.output("")) : pulumi.output(uid)));
  }

  /** Returns a value once every cluster was inspected. Clusters that are added before the value is known count. */
  release<T>(value: pulumi.Output<T>): pulumi.Output<T> {
    return value.apply((known) =>
      pulumi
        .all(this.findings)
        .apply((all) => this.throwErrors(all.flatMap(({ differences }) => differences)))
        .apply(() => pulumi.all(this.identities))
        .apply(() => known),
    );
  }

  /** Throws the same error for every cluster, so that Pulumi reports it once. */
  private throwErrors(differences: readonly Difference[]): void {
    const errors = differences.filter(({ severity }) => severity === "error");
    if (errors.length === 0) return;
    this.failure ??= new pulumi.RunError(new FleetError(errors).message);
    throw this.failure;
  }
}
