import { fleetPath } from "../../charts/origins";
import { type RenderedCluster, renderFleet } from "../../charts/render";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { loadFleet } from "../../fleet/reading/load";
import type { Fleet } from "../../fleet/model";
import { checkFleet } from "../../fleet/reading/parse";
import { unknown } from "../../fleet/problem";
import { sourceLines } from "../../fleet/reading/source-lines";
import type { ClusterSubject } from "../../policies/engine/subjects";
import { projectRoot } from "../folders";
import { fleetFile } from "../project";
import { fromHere, inFile } from "./here";
import type { Asked, Judged } from "./inputs";
import { without } from "./manifest-input";

/** A fleet, and what it renders to. */
export interface Stated {
  readonly file: string;
  readonly fleet: Fleet;
  readonly rendered: readonly RenderedCluster[];
}

/** The fleet that is asked for, rendered; undefined where it cannot be used, with every problem of it. */
export async function readFleet({ stack, fleet }: Asked, problems: string[]): Promise<Stated | undefined> {
  try {
    const file = fleet ?? fleetFile(projectRoot(), stack);
    const loaded = await loadFleet(file);
    const checked = loaded.ok ? checkFleet(loaded.value) : loaded;
    if (checked.ok) return { file, fleet: checked.fleet, rendered: renderFleet(checked.fleet) };
    problems.push(...inFile(file, checked.problems));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/** What a fleet's clusters run. */
export function fleetItself(
  { cluster }: Asked,
  stated: Stated,
  definitions: readonly KubeObject[],
  problems: string[],
): Judged | undefined {
  const { file, fleet, rendered } = stated;
  const names = fleet.clusters.map(({ name }) => name);
  if (cluster !== undefined && !names.includes(cluster)) {
    problems.push(`--cluster: ${unknown(cluster, names)}`);
    return undefined;
  }
  const lines = sourceLines(file, "fleet");
  const source = (path: string) => {
    const place = lines.place(path);
    return place && { file: fromHere(file), ...place };
  };
  const origins = new Map(rendered.flatMap((each) => [...each.origins]));
  const clusters = fleet.clusters.flatMap(({ name, kubernetesVersion }, index) => {
    const { definitions: own, objects } = rendered[index]!;
    if (cluster !== undefined && cluster !== name) return [];
    const all = [...own, ...objects];
    return [{ name, kubernetesVersion, objects: all, context: without(definitions, all) }];
  });
  return {
    subjects: { fleet, clusters },
    places: {
      fleet: source,
      object: (object, path) => {
        const origin = origins.get(object);
        const inFleet = origin && fleetPath(origin, path);
        const place = inFleet === undefined ? undefined : source(inFleet);
        return { ...(origin && { construct: origin.construct }), ...(place && { source: place }) };
      },
    },
  };
}

/** The cluster of the fleet that manifests go to. */
export function clusterOf({ cluster }: Asked, stated: Stated, problems: string[]): ClusterSubject | undefined {
  const { clusters } = stated.fleet;
  const names = clusters.map(({ name }) => name);
  const index = cluster === undefined && names.length === 1 ? 0 : names.indexOf(cluster ?? "");
  if (index === -1) {
    problems.push(
      cluster === undefined
        ? `--cluster: say which cluster the manifests go to: ${names.join(", ")}`
        : `--cluster: ${unknown(cluster, names)}`,
    );
    return undefined;
  }
  const { definitions, objects } = stated.rendered[index]!;
  return { ...clusters[index]!, objects: [...definitions, ...objects] };
}
