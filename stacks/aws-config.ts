import * as pulumi from "@pulumi/pulumi";

import type { ApiAccess } from "../components/nodes/aws/arguments";
import type { K3sRelease } from "../fleet/operations";
import type { Problem } from "../fleet/problem";
import { throwProblems } from "../fleet/reading/parse";

/** Namespace of the keys. */
const NAMESPACE = "skerry-aws";

/** What a stack in AWS reads from its `Pulumi.<stack>.yaml`. */
export interface AwsConfig {
  readonly accountId: string;
  readonly owner: string;
  readonly costCenter: string;
  readonly api: ApiAccess;
  /** SHA-256 of the K3s binary of each architecture. */
  readonly k3sSha256: NonNullable<K3sRelease["sha256"]>;
  /** Clusters whose stateful resources may be deleted. */
  readonly deletable: readonly string[];
}

/**
 * Reads the configuration of a stack in AWS:
 * `skerry-aws:accountId`, `owner` and `costCenter` are required, `api`, `k3sSha256` and `deletable` are optional.
 *
 * @throws FleetError with every problem
 */
export function readAwsConfig(): AwsConfig {
  const config = new pulumi.Config(NAMESPACE);
  const problems: Problem[] = [];
  const required = (key: string): string => {
    const value = config.get(key);
    if (!value) problems.push({ path: `${NAMESPACE}:${key}`, message: "missing required configuration" });
    return value ?? "";
  };
  const isText = (value: unknown): boolean => typeof value === "string";
  const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

  const [accountId, owner, costCenter] = [required("accountId"), required("owner"), required("costCenter")];
  const api = config.getObject<Record<string, unknown>>("api") ?? {};
  const { publicRanges = [], zone, ...unknown } = api;
  if (!isTexts(publicRanges))
    problems.push({ path: `${NAMESPACE}:api.publicRanges`, message: "must be a list of ranges" });
  const { id, name } = (zone ?? { id: "", name: "" }) as Record<string, unknown>;
  if (!isText(id) || !isText(name))
    problems.push({ path: `${NAMESPACE}:api.zone`, message: "must have an id and a name" });
  for (const key of Object.keys(unknown)) problems.push({ path: `${NAMESPACE}:api.${key}`, message: "unknown field" });
  // The parser of the fleet checks the digests.
  const k3sSha256 = config.getObject<AwsConfig["k3sSha256"]>("k3sSha256") ?? {};
  const deletable = config.getObject<string[]>("deletable") ?? [];
  if (!isTexts(deletable))
    problems.push({ path: `${NAMESPACE}:deletable`, message: "must be a list of cluster names" });
  throwProblems(problems);
  return { accountId, owner, costCenter, api, k3sSha256, deletable };
}
