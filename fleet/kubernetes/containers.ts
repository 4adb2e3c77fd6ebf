import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

import { formatPath } from "../problem";
import type { KubeObject } from "./object";
import { templateOf, templatePath } from "./pod-template";

/** A part of an object, and its path: `spec.template.spec.containers[0]`. */
export interface At<T> {
  readonly value: T;
  /** Returns the path of a field or an item inside the part. */
  readonly path: (...steps: readonly PropertyKey[]) => string;
}

// Rules create one for each container: a named function would cost more than everything else they do.
const pathFrom =
  (steps: readonly PropertyKey[]): At<unknown>["path"] =>
  (...further) =>
    formatPath([...steps, ...further]);
const at = <T>(value: T, steps: readonly PropertyKey[]): At<T> => ({ value, path: pathFrom(steps) });

/** Returns the spec of an object's pods; undefined if it creates none. */
export function podOf(object: KubeObject): At<V1PodSpec> | undefined {
  const template = templateOf(object);
  return template && at(template.spec, [...templatePath(object)!, "spec"]);
}

const STARTED = ["initContainers", "containers"] as const;
const ALL = [...STARTED, "ephemeralContainers"] as const;

/** Returns every container of an object's pods, in the order in which they start. */
export const containersOf = (object: KubeObject): At<V1Container>[] => listContainers(object, ALL);

/** Returns the containers that a pod starts with: all but the ephemeral ones, which are added for debugging. */
export const startedContainersOf = (object: KubeObject): At<V1Container>[] => listContainers(object, STARTED);

/** Returns the containers that a pod starts with, from a pod spec that may differ from the object's. */
export const startedContainersIn = ({ value, path }: At<V1PodSpec>): At<V1Container>[] =>
  STARTED.flatMap((field) =>
    (value[field] ?? []).map((container, index) => ({
      value: container,
      path: (...further: readonly PropertyKey[]) => path(field, index, ...further),
    })),
  );

/** Reports whether an object's pods are for Windows. The API server rejects Linux fields in them. */
export const isWindows = (object: KubeObject): boolean => podOf(object)?.value.os?.name === "windows";

/** Returns every container that Linux fields apply to: none if the pods are for Windows. */
export const linuxContainersOf = (object: KubeObject): At<V1Container>[] =>
  isWindows(object) ? [] : containersOf(object);

function listContainers(object: KubeObject, fields: readonly (typeof ALL)[number][]): At<V1Container>[] {
  const pod = podOf(object);
  if (!pod) return [];
  const steps = [...templatePath(object)!, "spec"];
  return fields.flatMap((field) =>
    (pod.value[field] ?? []).map((container, index) => at<V1Container>(container, [...steps, field, index])),
  );
}
