import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

import type { AwsMachinesArgs } from "./arguments";

export type Tags = Readonly<Record<string, string>>;

/** Tag with the team that owns a resource. */
export const OWNER_TAG = "skerry:owner";
/** Tag with the cost center of a resource. */
export const COST_CENTER_TAG = "skerry:cost-center";

/** Tags that tell which cluster a resource belongs to. No two clusters of an account have the same. */
export const identityTags = (
  { fleet, environment }: Pick<AwsMachinesArgs, "fleet" | "environment">,
  cluster: string,
): Tags => ({
  "skerry:fleet": fleet,
  "skerry:environment": environment,
  "skerry:cluster": cluster,
});

/** What all resources of a cluster share. */
export class ClusterScope {
  constructor(
    /** Name of the cluster, with which the names of its resources start. */
    readonly name: string,
    /** Identifies the cluster in its account. */
    readonly id: string,
    /** Tags of every resource. Resources wait for them, and so for the checks of the cluster against AWS. */
    readonly tags: pulumi.Output<Tags>,
    /** Whether stateful resources are protected from deletion. */
    readonly protect: boolean,
    private readonly parent: pulumi.Resource | undefined,
  ) {}

  /** Returns the tags of a resource with a name, and others of its own. */
  named(name: string, others: Tags = {}): pulumi.Output<Record<string, string>> {
    return this.tags.apply((tags): Record<string, string> => ({ ...tags, ...others, Name: name }));
  }

  /** Returns the options of a resource in the region of a provider. */
  options(provider: aws.Provider): { readonly parent?: pulumi.Resource; readonly provider: aws.Provider } {
    return { ...(this.parent && { parent: this.parent }), provider };
  }
}
