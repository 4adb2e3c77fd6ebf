import { ApiObject, App, Chart } from "cdk8s";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/reading/parse";
import { local } from "../../../stacks/local";
import { type Kind, rawWorkload } from "./placed-workloads";

const fleet = parseFleet(local);

type Place = (chart: Chart, workload: ApiObject) => void;

interface Options {
  readonly kind?: Kind;
  /** Cluster of the chart. */
  readonly cluster?: string;
  /** Fields to add to the pod spec and to the spec of the object. */
  readonly pod?: object;
  readonly spec?: object;
  readonly labels?: Record<string, string>;
  /** Annotations of the object. */
  readonly annotations?: Record<string, string>;
}

/** Placements by test name, each with all expected problems. */
export type ProblemCases = Record<string, [place: Place, options: Options, expected: string[]]>;

/** Synthesizes a chart with one workload, `app/main`, and returns the reported problems. */
export function findProblems(place: Place, options: Options = {}): string[] {
  const { kind = "Deployment", cluster, pod = {}, spec = {}, labels = {}, annotations = {} } = options;
  const chart = new Chart(new App(), "app", { disableResourceNameHashes: true });
  if (cluster !== undefined) placement.placeIn(chart, fleet, cluster);
  const made = rawWorkload(chart, kind, "made").toJson() as {
    metadata: object;
    spec: { template: { metadata: { labels: object }; spec: object } };
  };
  const { template } = made.spec;
  const workload = new ApiObject(chart, "main", {
    ...(made as object as { apiVersion: string; kind: string }),
    metadata: { ...made.metadata, annotations },
    spec: {
      ...made.spec,
      template: {
        metadata: { labels: { ...template?.metadata.labels, ...labels } },
        spec: { ...template?.spec, ...pod },
      },
      ...spec,
    },
  });
  place(chart, workload);
  try {
    chart.toJson();
    return [];
  } catch (error) {
    return (error as Error).message
      .split("\n")
      .slice(1)
      .map((line) => line.replace("  [app/main] ", ""));
  }
}
