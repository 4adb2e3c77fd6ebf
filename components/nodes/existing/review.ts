import * as pulumi from "@pulumi/pulumi";

import { FleetError } from "../../../fleet/reading/parse";
import type { Findings } from "./find-differences";

/**
 * Collects what was found in all clusters of a program. No cluster is changed before all of them were inspected, and none is
 * changed if one of them has an error.
 */
export class Review {
  private readonly findings: pulumi.Output<Findings>[] = [];
  private readonly identities: pulumi.Resource[] = [];
  private failure: pulumi.RunError | undefined;

  /**
   * @param findings what was found in a cluster
   * @param identity a resource that fails if the cluster is another one than that of the state
   */
  add(findings: pulumi.Output<Findings>, identity: pulumi.Resource): void {
    this.findings.push(findings);
    this.identities.push(identity);
  }

  /**
   * Returns the identities of all clusters that answered, on which each cluster depends. Clusters that do not answer must not
   * keep the others from being changed.
   */
  identitiesFor(own: pulumi.Output<Findings>): pulumi.Output<pulumi.Resource[]> {
    return own.apply(() =>
      pulumi.all(this.findings).apply((all) => this.identities.filter((_, index) => all[index]!.uid !== "")),
    );
  }

  /** Returns a value once every cluster was inspected. Clusters that are added before the value is known count. */
  release<T>(value: pulumi.Output<T>): pulumi.Output<T> {
    return value.apply((known) =>
      pulumi
        .all(this.findings)
        .apply((all) => {
          const failure = this.failureOf(all);
          if (failure) throw failure;
        })
        .apply(() => known),
    );
  }

  /**
   * Returns an error that lists all errors of all clusters; undefined if there are none. It is the same one at each call, so
   * that Pulumi reports it once, not for every cluster.
   */
  failureOf(findings: readonly Findings[]): pulumi.RunError | undefined {
    const errors = findings.flatMap(({ differences }) => differences.filter(({ severity }) => severity === "error"));
    if (errors.length > 0) this.failure ??= errorWithFixedMessage(new FleetError(errors).message);
    return this.failure;
  }
}

/** Returns an error to whose message Pulumi does not add the names of the outputs that depend on it. */
function errorWithFixedMessage(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  Object.defineProperty(error, "message", { get: () => message, set: () => undefined });
  return error;
}
