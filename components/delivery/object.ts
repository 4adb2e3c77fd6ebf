import * as pulumi from "@pulumi/pulumi";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** A rendered object, or one with values that come late (a Secret's data). */
export type Manifest = KubeObject;

/** The type token that Pulumi's Kubernetes provider knows an object by. */
export function typeToken({ apiVersion, kind }: Manifest): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/** `Kind namespace/name`, unique in a cluster. */
export function objectName({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `${kind}${group}/${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** Any Kubernetes object, carried out by Pulumi's Kubernetes provider, which waits until it is ready. */
export class KubernetesObject extends pulumi.CustomResource {
  constructor(name: string, manifest: Manifest, opts: pulumi.CustomResourceOptions) {
    const props = manifest.kind === "Secret" && manifest.apiVersion === "v1" ? secretData(manifest) : manifest;
    super(typeToken(manifest), name, { ...props }, opts);
  }
}

function secretData(manifest: Manifest): Manifest {
  const data = ["data", "stringData"].filter((key) => manifest[key] !== undefined);
  return { ...manifest, ...Object.fromEntries(data.map((key) => [key, pulumi.secret(manifest[key])])) };
}
