import type { V1PodSpec } from "@kubernetes/client-node";
import { type ApiObject, App, Chart } from "cdk8s";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/reading/parse";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { type PodTemplate, templateOf } from "../../../fleet/kubernetes/pod-template";
import { local } from "../../../stacks/local";
import { type Kind, rawWorkload } from "./placed-workloads";

const fleet = parseFleet(local);

/** Selector labels of the workload. */
export const name = { "app.kubernetes.io/name": "main" };

interface Rendered {
  readonly objects: readonly KubeObject[];
  /** The workload. */
  readonly object: KubeObject;
  readonly spec: PodTemplate["spec"];
  readonly metadata: NonNullable<PodTemplate["metadata"]>;
}

/** Renders a workload with placements, by default for cluster `tokyo`. */
export function rendered(
  place: (chart: Chart, workload: ApiObject) => void,
  { kind = "Deployment", inFleet = true, pod = {} }: { kind?: Kind; inFleet?: boolean; pod?: Partial<V1PodSpec> } = {},
): Rendered {
  const chart = new Chart(new App(), "app", { disableResourceNameHashes: true });
  if (inFleet) placement.placeIn(chart, fleet, "tokyo");
  const workload = rawWorkload(chart, kind, "main");
  const render = workload.toJson.bind(workload) as () => { spec: { template: { spec: object } } };
  // Adds fields that the author set.
  workload.toJson = () => {
    const object = render();
    if (Object.keys(pod).length > 0) Object.assign(object.spec.template.spec, structuredClone(pod));
    return object;
  };
  place(chart, workload);
  const objects = chart.toJson() as KubeObject[];
  const object = objects.find(({ metadata, kind: found }) => metadata.name === "main" && found === kind)!;
  const template = templateOf(object)!;
  return { objects, object, spec: template.spec, metadata: template.metadata! };
}
