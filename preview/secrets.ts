import type { KubeObject } from "../fleet/kubernetes/object";

const blank = (values: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(values ?? {}).map((key) => [key, ""]));

/**
 * Removes the values of a Secret and keeps their keys. They never reach a rendering or a report, not even those that a
 * manifest should not have.
 */
export function withoutSecretValues(object: KubeObject): KubeObject {
  if (object.kind !== "Secret") return object;
  const { data, stringData } = object;
  return {
    ...object,
    ...(data !== undefined && { data: blank(data) }),
    ...(stringData !== undefined && { stringData: blank(stringData) }),
  };
}
