import { createRequire } from "node:module";

import { formatValue } from "../../fleet/problem";
import type * as sources from "../../fleet/reading/source-lines";
import type { SourceLines } from "../../fleet/reading/source-lines";
import type { Policy } from "../../policies/engine/policy";
import type { SourceLocator } from "../../policies/engine/report";
import type { Subjects } from "../../policies/engine/subjects";
import { findMissingPaths } from "../../policies/manifests/read";
import type * as fleets from "./fleet-input";
import { InputError } from "./input-error";
import { manifestInput, readDefinitions } from "./manifest-input";
import { relativePath } from "./paths";
import { readPolicy } from "./team-policy";

const load = createRequire(__filename);

/** What to evaluate, as the command's arguments and options select it. */
export interface InputOptions {
  /** Paths of manifests. @default the fleet is evaluated */
  readonly paths: readonly string[];
  readonly stack: string;
  /** Path of a fleet. @default the stack's fleet, unless there are manifests */
  readonly fleet?: string;
  /** A cluster of the fleet. @default all clusters; for manifests, the fleet's only cluster */
  readonly cluster?: string;
  /** Path of the policy. @default the project's policy */
  readonly config?: string;
  /** The Kubernetes version of the manifests. @default the cluster's version, or the version that this release is tested with */
  readonly kubernetesVersion?: string;
  /** Patterns of paths to exclude, in addition to those in `.skerryignore`. @default [] */
  readonly exclude?: readonly string[];
  /** Files and folders with CustomResourceDefinitions of the clusters. @default [] */
  readonly crds?: readonly string[];
}

/** Subjects with the locator of their sources. */
export interface EvaluationInput {
  readonly subjects: Subjects;
  readonly locator: SourceLocator;
}

/** The input of the command: subjects, sources and the team's policy. */
export interface Inputs extends EvaluationInput {
  readonly policy: Policy;
}

/**
 * Reads the fleet or the manifests, and the policy. An unreadable manifest becomes a finding.
 *
 * @throws InputError with every problem
 */
export async function readInputs(options: InputOptions): Promise<Inputs> {
  const problems: string[] = [];
  const { policy, file: policyFile } = readPolicy(options, problems);
  problems.push(...findMissingPaths([...options.paths, ...(options.crds ?? [])]));
  validateOptions(options, problems);
  const input = problems.length > 0 && options.fleet === undefined ? undefined : await readSubjects(options, problems);
  if (problems.length > 0 || !input || !policy) throw new InputError(problems);
  let lines: SourceLines | undefined;
  const locateInPolicy = (path: string) => {
    if (policyFile === undefined) return undefined;
    // Loaded on demand: locating lines in a module takes a compiler.
    const { sourceLines } = load("../../fleet/reading/source-lines") as typeof sources;
    lines ??= sourceLines(policyFile, "policy");
    const place = lines.place(path);
    return place && { file: relativePath(policyFile), ...place };
  };
  return { policy, subjects: input.subjects, locator: { ...input.locator, policy: locateInPolicy } };
}

function validateOptions({ paths, fleet, cluster, kubernetesVersion }: InputOptions, problems: string[]): void {
  if (paths.length > 0 && fleet === undefined && cluster !== undefined) {
    problems.push("--cluster: requires --fleet when manifests are checked");
  }
  if (kubernetesVersion !== undefined && !/^1\.\d{1,3}(\.\d{1,3})?$/.test(kubernetesVersion)) {
    problems.push(
      `--kubernetes-version: got ${formatValue(kubernetesVersion)}, must be major.minor or major.minor.patch, such as 1.36.3`,
    );
  }
}

async function readSubjects(options: InputOptions, problems: string[]): Promise<EvaluationInput | undefined> {
  const { paths, fleet, crds = [] } = options;
  const definitions = readDefinitions(crds, problems);
  if (fleet === undefined && paths.length > 0) return manifestInput(options, undefined, definitions);
  // Loaded on demand: rendering a fleet takes the charts.
  const { fleetInput, findCluster, readFleet } = load("./fleet-input") as typeof fleets;
  const rendered = await readFleet(options, problems);
  if (!rendered) return undefined;
  if (paths.length === 0) return fleetInput(options, rendered, definitions, problems);
  const cluster = findCluster(options, rendered, problems);
  return cluster && manifestInput(options, cluster, definitions);
}
