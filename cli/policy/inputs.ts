import { existsSync } from "node:fs";
import { relative } from "node:path";

import { fleetPath } from "../../charts/origins";
import { type RenderedCluster, renderFleet } from "../../charts/render";
import { defaults } from "../../fleet/defaults";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";
import { loadFleet } from "../../fleet/load";
import { loadExport } from "../../fleet/load-module";
import type { Fleet } from "../../fleet/model";
import { checkFleet } from "../../fleet/parse";
import { pathSteps, type Problem, shown, unknown } from "../../fleet/problem";
import { sourceLines } from "../../fleet/source-lines";
import { policyProblems } from "../../policies/check-policy";
import type { Places, Subjects } from "../../policies/engine";
import { problemText } from "../../policies/manifests/problem";
import { readManifests } from "../../policies/manifests/read";
import type { Policy } from "../../policies/policy";
import { rules } from "../../policies/rules";
import { projectRoot } from "../folders";
import { fleetFile, policyFile } from "../project";
import { Unusable } from "./unusable";

/** What is to be judged, as it was asked for. */
export interface Asked {
  /** Manifests; none: the fleet itself. */
  readonly paths: readonly string[];
  readonly stack: string;
  /** @default the stack's, where no manifests are named */
  readonly fleet?: string;
  /** @default every cluster; of manifests, the fleet's only one */
  readonly cluster?: string;
  /** @default the project's */
  readonly config?: string;
  /** Of manifests that go to no known cluster. @default the version that this release is tested with */
  readonly kubernetesVersion?: string;
}

export interface Inputs {
  readonly subjects: Subjects;
  readonly policy: Policy;
  readonly places: Places;
}

const fromHere = (file: string): string => relative(process.cwd(), file) || file;
const inFile = (file: string, problems: readonly Problem[]): string[] =>
  problems.map(({ path, message }) => `${fromHere(file)}: ${path === "" ? "" : `${path}: `}${message}`);

/**
 * Reads everything that is asked for.
 *
 * @throws Unusable with every problem of all of it
 */
export async function readInputs(asked: Asked): Promise<Inputs> {
  const problems: string[] = [];
  const { policy, file: policySource } = readPolicy(asked, problems);
  const stated = await readFleet(asked, problems);
  const judged = asked.paths.length > 0 ? manifests(asked, stated, problems) : fleetItself(asked, stated, problems);
  if (problems.length > 0 || !judged || !policy) throw new Unusable(problems);
  const lines = policySource === undefined ? undefined : sourceLines(policySource, "policy");
  const ofPolicy = (path: string) => {
    const place = lines?.place(path);
    return place && { file: fromHere(policySource!), ...place };
  };
  return { policy, subjects: judged.subjects, places: { ...judged.places, policy: ofPolicy } };
}

/**
 * The team's policy alone: its rules can be listed without anything to judge.
 *
 * @throws Unusable with every problem of it
 */
export function policyOf(asked: Pick<Asked, "config">): Policy {
  const problems: string[] = [];
  const { policy } = readPolicy(asked, problems);
  if (!policy) throw new Unusable(problems);
  return policy;
}

function readPolicy(
  { config }: Pick<Asked, "config">,
  problems: string[],
): { readonly policy?: Policy; readonly file?: string } {
  const file = config ?? projectsOwn(policyFile);
  if (file === undefined) return { policy: {} };
  if (!existsSync(file)) {
    problems.push(`${file} is not there`);
    return {};
  }
  try {
    const policy = loadExport(file, "policy");
    const wrong =
      policy === undefined
        ? [{ path: "", message: "exports no policy: export what definePolicy gives as default, or as `policy`" }]
        : policyProblems(policy, rules);
    problems.push(...inFile(file, wrong));
    return wrong.length > 0 ? {} : { policy: policy as Policy, file };
  } catch (error) {
    problems.push(`${fromHere(file)} cannot be read: ${firstLine(error)}`);
    return {};
  }
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

/** What a project has in a place of its own; undefined outside of projects. */
function projectsOwn<T>(find: (project: string) => T): T | undefined {
  try {
    return find(projectRoot());
  } catch {
    return undefined;
  }
}

interface Stated {
  readonly file: string;
  readonly fleet: Fleet;
  readonly rendered: readonly RenderedCluster[];
}

async function readFleet({ paths, stack, fleet }: Asked, problems: string[]): Promise<Stated | undefined> {
  if (fleet === undefined && paths.length > 0) return undefined;
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

type Judged = Pick<Inputs, "subjects" | "places">;

function fleetItself({ cluster }: Asked, stated: Stated | undefined, problems: string[]): Judged | undefined {
  if (!stated) return undefined;
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
    const { definitions, objects } = rendered[index]!;
    if (cluster !== undefined && cluster !== name) return [];
    return [{ name, kubernetesVersion, objects: [...definitions, ...objects] }];
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

function manifests(asked: Asked, stated: Stated | undefined, problems: string[]): Judged | undefined {
  const read = readManifests(asked.paths);
  problems.push(...read.problems.map(problemText));
  const home = asked.fleet === undefined ? undefined : clusterOf(asked, stated, problems);
  if (asked.fleet === undefined && asked.cluster !== undefined) {
    problems.push("--cluster: says which of a fleet's clusters the manifests go to: name the fleet with --fleet");
  }
  const version = asked.kubernetesVersion;
  if (version !== undefined && !/^1\.\d{1,3}(\.\d{1,3})?$/.test(version)) {
    problems.push(
      `--kubernetes-version: got ${shown(version)}, allowed is major.minor or major.minor.patch, as 1.36.3`,
    );
  }
  const where = new Map(read.manifests.map((each) => [each.object, each]));
  const objects = [...where.keys()];
  return {
    subjects: {
      clusters: [
        {
          ...(home && { name: home.name }),
          kubernetesVersion: version ?? home?.kubernetesVersion ?? defaults.cluster.kubernetesVersion,
          objects,
          context: home ? without(home.objects, objects) : [],
        },
      ],
    },
    places: {
      object: (object, path) => {
        const found = where.get(object);
        return found ? { source: { file: found.file, ...found.place(pathSteps(path)) } } : {};
      },
    },
  };
}

/** The cluster of the fleet that manifests go to. */
function clusterOf({ cluster }: Asked, stated: Stated | undefined, problems: string[]) {
  if (!stated) return undefined;
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

/** What a manifest replaces is not in the cluster any more. */
function without(objects: readonly KubeObject[], replaced: readonly KubeObject[]): KubeObject[] {
  const ids = new Set(replaced.map(objectId));
  return objects.filter((object) => !ids.has(objectId(object)));
}
