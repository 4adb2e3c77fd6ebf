import type { V1Container, V1PodSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { formatPath } from "../../fleet/problem";

/** Something inside an object, and where it lies: `spec.template.spec.containers[0]`. */
export interface At<T> {
  readonly value: T;
  /** The path of a field or an item further in. */
  readonly path: (...steps: readonly PropertyKey[]) => string;
}

// Made for each container that each rule looks at: a function with a name of its own would cost more than the rest.
const pathFrom =
  (steps: readonly PropertyKey[]): At<unknown>["path"] =>
  (...further) =>
    formatPath([...steps, ...further]);
const at = <T>(value: T, steps: readonly PropertyKey[]): At<T> => ({ value, path: pathFrom(steps) });

/** The spec of an object's pods; undefined when it makes none. */
export function podOf(object: KubeObject): At<V1PodSpec> | undefined {
  const template = templateOf(object);
  return template && at(template.spec, [...templatePath(object)!, "spec"]);
}

const STARTED = ["initContainers", "containers"] as const;
const CONTAINERS = [...STARTED, "ephemeralContainers"] as const;

/** Every container of an object's pods, in the order in which they start: none when it makes none. */
export const containersOf = (object: KubeObject): At<V1Container>[] => listed(object, CONTAINERS);

/** Those that the pod starts with: all but the ephemeral ones, which somebody adds in order to look around. */
export const startedContainersOf = (object: KubeObject): At<V1Container>[] => listed(object, STARTED);

/** The same of a pod's spec that may differ from what its object states. */
export const startedContainersIn = ({ value, path }: At<V1PodSpec>): At<V1Container>[] =>
  STARTED.flatMap((field) =>
    (value[field] ?? []).map((container, index) => ({
      value: container,
      path: (...further: readonly PropertyKey[]) => path(field, index, ...further),
    })),
  );

/** Whether an object's pods state that they are for Windows, whose pods the API server refuses Linux' fields. */
export const isWindows = (object: KubeObject): boolean => podOf(object)?.value.os?.name === "windows";

/** Every container that Linux' fields apply to: none where the pods are for Windows. */
export const linuxContainersOf = (object: KubeObject): At<V1Container>[] =>
  isWindows(object) ? [] : containersOf(object);

function listed(object: KubeObject, fields: readonly (typeof CONTAINERS)[number][]): At<V1Container>[] {
  const pod = podOf(object);
  if (!pod) return [];
  const steps = [...templatePath(object)!, "spec"];
  return fields.flatMap((field) =>
    (pod.value[field] ?? []).map((container, index) => at<V1Container>(container, [...steps, field, index])),
  );
}
