import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

export type Tags = Readonly<Record<string, string>>;

/** What all resources of a cluster share. */
export class ClusterScope {
  constructor(
    /** Name of the cluster, with which the names of its resources start. */
    readonly name: string,
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
