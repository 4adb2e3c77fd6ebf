import "../stack-traces";

import * as pulumi from "@pulumi/pulumi";

import { apiGroupOf, type KubeObject } from "../../fleet/kubernetes/object";

/** A rendered object, or one with values that come late (a Secret's data). */
export type Manifest = KubeObject;

/** The type token that Pulumi's Kubernetes provider knows an object by. */
export function typeToken({ apiVersion, kind }: Manifest): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/** `Kind namespace/name`, unique in a cluster. */
export function objectName({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiGroupOf(apiVersion);
  return `${kind}${group && `.${group}`}/${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/**
 * The field manager of every object that Skerry applies. Pulumi's provider otherwise makes up a name for each object and
 * keeps it in the state: an update that dies between creating an object and recording it would then conflict with
 * itself.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers
 */
export const FIELD_MANAGER = "skerry";

/** The provider's annotation for the field manager of an object. */
const FIELD_MANAGER_ANNOTATION = "pulumi.com/patchFieldManager";

/**
 * Any Kubernetes object, applied by Pulumi's Kubernetes provider, which waits until it is ready. Fields that another
 * manager owns with another value are never overwritten: the provider reports the conflict.
 */
export class KubernetesObject extends pulumi.CustomResource {
  constructor(name: string, manifest: Manifest, opts: pulumi.CustomResourceOptions) {
    const props = manifest.kind === "Secret" && manifest.apiVersion === "v1" ? secretData(manifest) : manifest;
    super(typeToken(manifest), name, managed(props), opts);
  }
}

function managed(manifest: Manifest): Manifest {
  const annotations = { ...manifest.metadata.annotations, [FIELD_MANAGER_ANNOTATION]: FIELD_MANAGER };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function secretData(manifest: Manifest): Manifest {
  const data = ["data", "stringData"].filter((key) => manifest[key] !== undefined);
  return { ...manifest, ...Object.fromEntries(data.map((key) => [key, pulumi.secret(manifest[key])])) };
}
