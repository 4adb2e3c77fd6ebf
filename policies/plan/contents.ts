import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { isKubernetesObject, objectOf } from "./kubernetes";
import { type Known, known } from "./known";

/** An object of the plan, and what of it is not known yet. */
export interface Planned {
  readonly urn: string;
  readonly object: KubeObject;
  readonly plain: Known;
}

/** The program names a cluster's provider `<cluster>-api`. */
export const clusterOf = (provider: { readonly name: string } | undefined): string | undefined =>
  provider?.name.replace(/-api$/, "");

/** The object that a resource stands for; undefined where it stands for none. */
export function planned({ type, props, urn }: Pick<PolicyResource, "type" | "props" | "urn">): Planned | undefined {
  if (!isKubernetesObject(type)) return undefined;
  const plain = known(props);
  const object = objectOf(type, plain.value);
  return object && { urn, object, plain };
}

/**
 * What the plan puts into each cluster. As the engine asks about a whole stack, it tells what resources came out as, and of
 * a cluster that is not there yet that is nothing: so what is asked of each resource beforehand is kept.
 */
export class PlanContents {
  private readonly asked = new Map<string, Planned>();

  /** Keeps what is asked of a resource. */
  readonly keep = (args: ResourceValidationArgs): void => {
    const found = planned(args);
    if (found) this.asked.set(found.urn, found);
  };

  /** The object of a resource: what was kept of it, for reading it again for each rule is as slow as the first time. */
  of(args: ResourceValidationArgs): Planned | undefined {
    return this.asked.get(args.urn) ?? planned(args);
  }

  /** The objects of a stack by cluster. */
  clusters(resources: readonly PolicyResource[]): Map<string | undefined, Planned[]> {
    const clusters = new Map<string | undefined, Planned[]>();
    for (const resource of resources) {
      const found = this.asked.get(resource.urn) ?? planned(resource);
      if (!found) continue;
      const cluster = clusterOf(resource.provider);
      clusters.set(cluster, [...(clusters.get(cluster) ?? []), found]);
    }
    return clusters;
  }
}
