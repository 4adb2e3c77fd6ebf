import type { KubeObject } from "../../fleet/kubernetes/object";

/** Kubernetes' provider itself, and resources that stand for several objects, are no objects. */
const OBJECT = /^kubernetes:(?!yaml|helm|kustomize)[\w.-]+\/\w+:\w+$/;

export const isKubernetesObject = (type: string): boolean => OBJECT.test(type);

/** The object that a resource of Pulumi's Kubernetes provider stands for; undefined where it is none, or has no name yet. */
export function objectOf(type: string, props: unknown): KubeObject | undefined {
  if (!isKubernetesObject(type)) return undefined;
  const { metadata, status: _status, ...fields } = props as Partial<KubeObject>;
  if (!fields.apiVersion || !fields.kind || !(metadata?.name || metadata?.generateName)) return undefined;
  // The provider's notes to itself begin so.
  const own = Object.entries(fields).filter(([key]) => !key.startsWith("__"));
  return { ...Object.fromEntries(own), metadata } as KubeObject;
}
