import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";

import type { KubeObject } from "../../fleet/kubernetes/object";
import type { Subjects } from "../engine/subjects";
import type { CloudResource } from "../engine/rule";
import { readProperties } from "./properties";

/** A resource of the plan: an object that goes to a cluster, or a cloud resource. */
export type PlannedSubject = {
  readonly urn: string;
  /** Paths of the values that are unknown during preview. */
  readonly unknownPaths: readonly string[];
} & (
  | { readonly object: KubeObject; readonly cluster?: string; readonly resource?: undefined }
  | { readonly resource: CloudResource; readonly cluster?: undefined; readonly object?: undefined }
);

type PulumiResource = Pick<PolicyResource, "type" | "props" | "urn" | "name" | "provider">;

/** Type tokens of the Kubernetes provider's objects. The provider itself and resources that expand to several are not objects. */
const OBJECT_TYPE = /^kubernetes:(?!yaml|helm|kustomize)[\w.-]+\/\w+:\w+$/;

/** Returns the object that a resource of Pulumi's Kubernetes provider creates; undefined when it has no name yet. */
export function objectOf(type: string, props: unknown): KubeObject | undefined {
  if (!OBJECT_TYPE.test(type)) return undefined;
  const { metadata, status: _status, ...fields } = props as Partial<KubeObject>;
  if (!fields.apiVersion || !fields.kind || !(metadata?.name || metadata?.generateName)) return undefined;
  // The provider's own annotations start with two underscores.
  const ownFields = Object.entries(fields).filter(([key]) => !key.startsWith("__"));
  return { ...Object.fromEntries(ownFields), metadata } as KubeObject;
}

/** Returns the cluster of a provider, which the program names `<cluster>-api`. */
const clusterOf = (provider: PolicyResource["provider"]): string | undefined => provider?.name.replace(/-api$/, "");

/**
 * The resources of a plan. When the engine validates the whole stack, it passes the outputs of the resources, which are
 * empty for a cluster that does not exist yet. The inputs, which it passes for each resource before, are therefore kept.
 */
export class PlanContents {
  private readonly kept = new Map<string, PlannedSubject>();

  constructor(private readonly kubernetesVersion: string) {}

  /** Reads a resource and keeps it. Returns undefined for an object that has no name yet. */
  add(args: ResourceValidationArgs): PlannedSubject | undefined {
    const planned = readSubject(args);
    if (planned) this.kept.set(planned.urn, planned);
    return planned;
  }

  /** Returns the resources of a stack: as they were kept, or else as they are passed. */
  inStack(resources: readonly PolicyResource[]): PlannedSubject[] {
    return resources.flatMap((resource) => this.kept.get(resource.urn) ?? readSubject(resource) ?? []);
  }

  /** Groups planned resources into what rules are evaluated on. */
  subjects(planned: readonly PlannedSubject[]): Subjects {
    const clusters = new Map<string | undefined, KubeObject[]>();
    for (const { cluster, object } of planned) {
      if (!object) continue;
      const objects = clusters.get(cluster);
      if (objects) objects.push(object);
      else clusters.set(cluster, [object]);
    }
    const { kubernetesVersion } = this;
    return {
      clusters: [...clusters].map(([name, objects]) => {
        return { ...(name !== undefined && { name }), kubernetesVersion, objects };
      }),
      resources: planned.flatMap(({ resource }) => resource ?? []),
      unknownPaths: new Map(planned.map(({ object, resource, unknownPaths }) => [object ?? resource, unknownPaths])),
    };
  }
}

function readSubject({ type, name, props, urn, provider }: PulumiResource): PlannedSubject | undefined {
  const { value, unknownPaths } = readProperties(props);
  if (!OBJECT_TYPE.test(type)) {
    return { urn, unknownPaths, resource: { type, name, props: value as Record<string, unknown> } };
  }
  const object = objectOf(type, value);
  const cluster = clusterOf(provider);
  return object && { urn, unknownPaths, object, ...(cluster !== undefined && { cluster }) };
}
