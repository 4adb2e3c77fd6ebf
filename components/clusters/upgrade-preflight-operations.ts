import { isDeepStrictEqual } from "node:util";

import type { KubeConfig } from "@kubernetes/client-node";

import { snapshotRequest } from "../../fleet/k3s/backup";
import { isOffNode, type Snapshot } from "../../fleet/k3s/snapshots";
import { imageTag } from "../../fleet/k3s/version";
import type { Backup } from "../../fleet/model";
import { checkUpgrade, needsUpgrade } from "../../fleet/upgrades/check-upgrade";
import type { Operations } from "../dynamic";
import { readVersions } from "./live-versions";
import { loadKubeConfig } from "./load-kubeconfig";
import { listSnapshots, takeSnapshot } from "./snapshots-api";

interface Inputs {
  readonly cluster: string;
  readonly kubeconfig: string;
  readonly version: string;
  /** Absent for a cluster that Skerry did not create. */
  readonly serverToken?: string;
  readonly backup?: Backup;
}

interface Outputs extends Inputs {
  /** Snapshot from before the upgrade; empty if no node had to be upgraded. */
  readonly snapshot: string;
}

/** Age in minutes up to which a snapshot that someone else took counts as one from before the upgrade. */
const FRESH_MINUTES = 60;

/** Returns why the snapshots of a cluster do not allow an upgrade now, or the newest that does. */
export function findFreshSnapshot(snapshots: readonly Snapshot[], offNode: boolean, now: number): Snapshot | undefined {
  return snapshots.find(
    (snapshot) =>
      snapshot.ready &&
      (!offNode || isOffNode(snapshot)) &&
      now - Date.parse(snapshot.takenAt) <= FRESH_MINUTES * 60_000,
  );
}

async function secureSnapshot(config: KubeConfig, inputs: Inputs): Promise<string> {
  const { cluster, version, serverToken, backup } = inputs;
  if (serverToken !== undefined) {
    const body = snapshotRequest(cluster, `before-${imageTag(version)}`, backup);
    const [name] = await takeSnapshot(config, serverToken, body);
    return name!;
  }
  const fresh = findFreshSnapshot(await listSnapshots(config), backup !== undefined, Date.now());
  if (fresh) return fresh.name;
  throw new Error(
    `cluster ${cluster}: an upgrade requires a snapshot of the last ${FRESH_MINUTES} minutes, and none was found: run ` +
      "k3s etcd-snapshot save on one of its servers",
  );
}

async function prepare(inputs: Inputs): Promise<Outputs> {
  const config = await loadKubeConfig(inputs.kubeconfig);
  const versions = await readVersions(config);
  if (!needsUpgrade(versions, inputs.version)) return { ...inputs, snapshot: "" };
  const reasons = checkUpgrade(versions, inputs.version);
  if (reasons.length > 0) throw new Error(refusal(inputs, reasons));
  return { ...inputs, snapshot: await secureSnapshot(config, inputs) };
}

const refusal = ({ cluster, version }: Inputs, reasons: readonly string[]): string =>
  `cluster ${cluster} must not change to ${version}:\n${reasons.map((reason) => `  ${reason}`).join("\n")}`;

/** Checks an upgrade against the nodes that run, also in a preview, and takes a snapshot before it. */
export const operations: Operations<Inputs, Outputs> = {
  check: async (olds: Partial<Inputs>, news) => {
    const inputs = news;
    if (olds.version === news.version || typeof news.kubeconfig !== "string") return { inputs };
    // A cluster that does not answer cannot be checked in a preview. Its update fails.
    const versions = await readVersions(await loadKubeConfig(news.kubeconfig)).catch(() => undefined);
    const reasons = versions ? checkUpgrade(versions, news.version) : [];
    return reasons.length === 0
      ? { inputs }
      : { inputs, failures: [{ property: "version", reason: refusal(news, reasons) }] };
  },
  diff: async (_id, { snapshot: _, ...olds }, news) => ({
    changes: (["kubeconfig", "version", "serverToken", "backup"] as const).some(
      (key) => !isDeepStrictEqual(olds[key], news[key]),
    ),
  }),
  create: async (inputs) => ({ id: inputs.cluster, outs: await prepare(inputs) }),
  update: async (_id, olds, news) => {
    // Only another version needs another snapshot.
    if (olds.version === news.version) return { outs: { ...news, snapshot: olds.snapshot } };
    return { outs: await prepare(news) };
  },
};
