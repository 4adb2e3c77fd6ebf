import { createRequire } from "node:module";

import { shown } from "../../fleet/problem";
import type * as sources from "../../fleet/reading/source-lines";
import type { SourceLines } from "../../fleet/reading/source-lines";
import type { SourceLocator } from "../../policies/engine/report";
import type { Subjects } from "../../policies/engine/subjects";
import { findMissingPaths } from "../../policies/manifests/read";
import type { Policy } from "../../policies/engine/policy";
import { fromHere } from "./here";
import { definitionsIn, manifestInput } from "./manifest-input";
import type * as fleets from "./stated-fleet";
import { readPolicy } from "./team-policy";
import { Unusable } from "./unusable";

const load = createRequire(__filename);

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
  /** Patterns of paths that are not read. @default those of the folders' `.skerryignore` alone */
  readonly exclude?: readonly string[];
  /** Files and folders with CustomResourceDefinitions that every cluster has. @default Skerry's own alone */
  readonly crds?: readonly string[];
}

export interface Inputs {
  readonly subjects: Subjects;
  readonly policy: Policy;
  readonly places: SourceLocator;
}
export type Judged = Pick<Inputs, "subjects" | "places">;

/**
 * Reads everything that is asked for. A manifest that cannot be read is a finding, not a problem.
 *
 * @throws Unusable with every problem of all of it
 */
export async function readInputs(asked: Asked): Promise<Inputs> {
  const problems: string[] = [];
  const { policy, file: policySource } = readPolicy(asked, problems);
  problems.push(...findMissingPaths([...asked.paths, ...(asked.crds ?? [])]));
  checkOptions(asked, problems);
  const judged = problems.length > 0 && asked.fleet === undefined ? undefined : await readJudged(asked, problems);
  if (problems.length > 0 || !judged || !policy) throw new Unusable(problems);
  let lines: SourceLines | undefined;
  const ofPolicy = (path: string) => {
    if (policySource === undefined) return undefined;
    // Reading a module's lines takes a compiler.
    const { sourceLines } = load("../../fleet/reading/source-lines") as typeof sources;
    lines ??= sourceLines(policySource, "policy");
    const place = lines.place(path);
    return place && { file: fromHere(policySource), ...place };
  };
  return { policy, subjects: judged.subjects, places: { ...judged.places, policy: ofPolicy } };
}

function checkOptions({ paths, fleet, cluster, kubernetesVersion }: Asked, problems: string[]): void {
  if (paths.length > 0 && fleet === undefined && cluster !== undefined) {
    problems.push("--cluster: says which of a fleet's clusters the manifests go to: name the fleet with --fleet");
  }
  if (kubernetesVersion !== undefined && !/^1\.\d{1,3}(\.\d{1,3})?$/.test(kubernetesVersion)) {
    problems.push(
      `--kubernetes-version: got ${shown(kubernetesVersion)}, allowed is major.minor or major.minor.patch, as 1.36.3`,
    );
  }
}

async function readJudged(asked: Asked, problems: string[]): Promise<Judged | undefined> {
  const { paths, fleet, crds = [] } = asked;
  const definitions = definitionsIn(crds, problems);
  if (fleet === undefined && paths.length > 0) return manifestInput(asked, undefined, definitions);
  // A fleet needs the charts, which are large.
  const { clusterOf, fleetItself, readFleet } = load("./stated-fleet") as typeof fleets;
  const stated = await readFleet(asked, problems);
  if (!stated) return undefined;
  if (paths.length === 0) return fleetItself(asked, stated, definitions, problems);
  const home = clusterOf(asked, stated, problems);
  return home && manifestInput(asked, home, definitions);
}
