import * as pulumi from "@pulumi/pulumi";

/** A Kubernetes object as plain data; values that come late may be Pulumi inputs. */
export interface KubernetesManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** The type token that Pulumi's Kubernetes provider knows an object by. */
export function typeToken({ apiVersion, kind }: KubernetesManifest): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/** `Kind namespace/name`, unique in a cluster. */
export function objectName({ apiVersion, kind, metadata }: KubernetesManifest): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  return `${kind}${group}/${metadata.namespace ? `${metadata.namespace}/` : ""}${metadata.name}`;
}

/** Any Kubernetes object, carried out by Pulumi's Kubernetes provider, which waits until it is ready. */
export class KubernetesObject extends pulumi.CustomResource {
  constructor(name: string, manifest: KubernetesManifest, opts: pulumi.CustomResourceOptions) {
    const props = manifest.kind === "Secret" && manifest.apiVersion === "v1" ? secretData(manifest) : manifest;
    super(typeToken(manifest), name, { ...props }, opts);
  }
}

function secretData(manifest: KubernetesManifest): KubernetesManifest {
  const data = ["data", "stringData"].filter((key) => manifest[key] !== undefined);
  return { ...manifest, ...Object.fromEntries(data.map((key) => [key, pulumi.secret(manifest[key])])) };
}
