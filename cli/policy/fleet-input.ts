import { findFleetPath } from "../../charts/origins";
import { type RenderedCluster, renderFleet } from "../../charts/render";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { loadFleet } from "../../fleet/reading/load";
import type { Fleet } from "../../fleet/model";
import { checkFleet } from "../../fleet/reading/parse";
import { describeUnknown } from "../../fleet/problem";
import { sourceLines } from "../../fleet/reading/source-lines";
import type { StackSettings } from "../../fleet/reading/stack-settings";
import type { ClusterSubject } from "../../policies/engine/subjects";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";
import { checkEnvironment, findSettings } from "../stack-settings";
import type { EvaluationInput, InputOptions } from "./inputs";
import { withoutReplaced } from "./manifest-input";
import { problemLines, relativePath } from "./paths";
import { loadTeamCharts } from "./team-charts";

/** A fleet and the rendered clusters of a stack. */
export interface RenderedFleet {
  readonly file: string;
  readonly fleet: Fleet;
  readonly rendered: readonly RenderedCluster[];
}

/** Reads and renders a fleet with the charts of its project. Returns undefined for an invalid fleet, and adds its problems to `problems`. */
export async function readFleet(
  { stack, fleet }: InputOptions,
  problems: string[],
): Promise<RenderedFleet | undefined> {
  try {
    const settings: StackSettings = fleet === undefined ? findSettings(stack) : { environment: stack };
    const { environment, clusters } = settings;
    const file = fleet ?? fleetFile(projectRoot(), environment);
    const loaded = await loadFleet(file);
    const checked = loaded.ok ? checkFleet(loaded.value) : loaded;
    if (checked.ok) {
      const names = checked.fleet.clusters.map(({ name }) => name);
      if (fleet === undefined) await checkEnvironment(environment, names);
      const charts = loadTeamCharts();
      const options = { ...(charts && { charts }), ...(clusters && { clusters }) };
      return { file, fleet: checked.fleet, rendered: renderFleet(checked.fleet, options) };
    }
    problems.push(...problemLines(file, checked.problems));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/** Returns a fleet and the objects of its clusters as subjects. */
export function fleetInput(
  { cluster }: InputOptions,
  renderedFleet: RenderedFleet,
  definitions: readonly KubeObject[],
  problems: string[],
): EvaluationInput | undefined {
  const { file, fleet, rendered } = renderedFleet;
  const names = rendered.map(({ cluster: name }) => name);
  if (cluster !== undefined && !names.includes(cluster)) {
    problems.push(`--cluster: ${describeUnknown("cluster", cluster, names)}`);
    return undefined;
  }
  const lines = sourceLines(file, "fleet");
  const locateInFleet = (path: string) => {
    const place = lines.place(path);
    return place && { file: relativePath(file), ...place };
  };
  const origins = new Map(rendered.flatMap((each) => [...each.origins]));
  const clusters = rendered.flatMap(({ cluster: name, definitions: clusterDefinitions, objects }) => {
    if (cluster !== undefined && cluster !== name) return [];
    const { kubernetesVersion } = fleet.clusters.find((each) => each.name === name)!;
    const all = [...clusterDefinitions, ...objects];
    return [{ name, kubernetesVersion, objects: all, context: withoutReplaced(definitions, all) }];
  });
  return {
    subjects: { fleet, clusters },
    locator: {
      fleet: locateInFleet,
      object: (object, path) => {
        const origin = origins.get(object);
        const inFleet = origin && findFleetPath(origin, path);
        const place = inFleet === undefined ? undefined : locateInFleet(inFleet);
        return { ...(origin && { construct: origin.construct }), ...(place && { source: place }) };
      },
    },
  };
}

/** Returns the cluster of the fleet that manifests go to. Adds a problem when it is unknown or ambiguous. */
export function findCluster(
  { cluster }: InputOptions,
  { fleet: { clusters }, rendered }: RenderedFleet,
  problems: string[],
): ClusterSubject | undefined {
  const names = rendered.map(({ cluster: name }) => name);
  const index = cluster === undefined && names.length === 1 ? 0 : names.indexOf(cluster ?? "");
  if (index === -1) {
    problems.push(
      cluster === undefined
        ? `--cluster: must be set to the cluster that the manifests go to: one of ${names.join(", ")}`
        : `--cluster: ${describeUnknown("cluster", cluster, names)}`,
    );
    return undefined;
  }
  const { definitions, objects } = rendered[index]!;
  return { ...clusters.find(({ name }) => name === names[index])!, objects: [...definitions, ...objects] };
}
