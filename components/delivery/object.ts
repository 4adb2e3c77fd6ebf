import "../stack-traces";

import * as pulumi from "@pulumi/pulumi";

import { apiGroupOf, type KubeObject } from "../../fleet/kubernetes/object";
import { FIELD_MANAGER } from "./field-manager";

/** A Kubernetes object. Values may be Pulumi outputs, such as the data of a Secret. */
export type Manifest = KubeObject;

/** Returns the type token of Pulumi's Kubernetes provider for an object. */
export function typeToken({ apiVersion, kind }: Manifest): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/** Returns `Kind.group/namespace/name`, which is unique in a cluster. */
export function objectName({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiGroupOf(apiVersion);
  return `${kind}${group && `.${group}`}/${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** Annotation that sets the field manager of an object. */
const FIELD_MANAGER_ANNOTATION = "pulumi.com/patchFieldManager";

/**
 * Applies one Kubernetes object and waits until it is ready. Fields that another manager owns with a different value
 * are not overwritten: Pulumi's Kubernetes provider reports a conflict.
 */
export class KubernetesObject extends pulumi.CustomResource {
  constructor(name: string, manifest: Manifest, opts: pulumi.CustomResourceOptions) {
    const props = manifest.kind === "Secret" && manifest.apiVersion === "v1" ? withSecretData(manifest) : manifest;
    super(typeToken(manifest), name, withFieldManager(props), opts);
  }
}

function withFieldManager(manifest: Manifest): Manifest {
  const annotations = { ...manifest.metadata.annotations, [FIELD_MANAGER_ANNOTATION]: FIELD_MANAGER };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function withSecretData(manifest: Manifest): Manifest {
  const data = ["data", "stringData"].filter((key) => manifest[key] !== undefined);
  return { ...manifest, ...Object.fromEntries(data.map((key) => [key, pulumi.secret(manifest[key])])) };
}
