import { ApiObject, App, Chart } from "cdk8s";

import * as placement from "../../../exports/placement";
import { parseFleet } from "../../../fleet/reading/parse";
import { local } from "../../../stacks/local";
import { type Kind, rawWorkload } from "./placed-workloads";

const fleet = parseFleet(local);

type Place = (chart: Chart, workload: ApiObject) => void;

interface Given {
  readonly kind?: Kind;
  /** Cluster that the chart goes to. */
  readonly cluster?: string;
  /** What the author says in the pod's spec, and in the object's. */
  readonly pod?: object;
  readonly spec?: object;
  readonly labels?: Record<string, string>;
}

/** Placements by what they show, each with all that is complained about. */
export type ProblemCases = Record<string, [place: Place, given: Given, expected: string[]]>;

/** A chart with one workload `app/main`, and what its synthesis complains about. */
export function findProblems(place: Place, given: Given = {}): string[] {
  const { kind = "Deployment", cluster, pod = {}, spec = {}, labels = {} } = given;
  const chart = new Chart(new App(), "app", { disableResourceNameHashes: true });
  if (cluster !== undefined) placement.placeIn(chart, fleet, cluster);
  const made = rawWorkload(chart, kind, "made").toJson() as {
    spec: { template: { metadata: { labels: object }; spec: object } };
  };
  const { template } = made.spec;
  const workload = new ApiObject(chart, "main", {
    ...(made as object as { apiVersion: string; kind: string }),
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
