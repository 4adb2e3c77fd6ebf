import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";

import type { StatusReport } from "../../cli/status/report";
import { LabClient } from "../../components/nodes/lab/client";
import type { Fleet } from "../../fleet/model";
import { nodeNames } from "../../fleet/nodes";
import type { Checkout } from "./checkout";

interface Resource {
  readonly urn: string;
  readonly id?: string;
  readonly type: string;
  readonly parent?: string;
  readonly outputs?: { readonly apiVersion?: string; readonly kind?: string };
}

interface State {
  readonly resources: readonly Resource[];
  readonly pending_operations?: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
}

/**
 * Returns every difference between the running local fleet and its stack, one line each: missing, duplicate or
 * unrecorded objects, and changes in the preview.
 */
export async function findDifferences(checkout: Checkout, fleet: Fleet): Promise<string[]> {
  const state = readState(checkout);
  return [
    ...differencesOfStatus(await readStatus(checkout), fleet),
    ...(state.pending_operations ?? []).map(({ type, resource }) => `pending operation: ${type} ${resource.urn}`),
    ...twice(state.resources.map(({ urn }) => urn)).map((urn) => `twice in the state: ${urn}`),
    ...(await differencesOfLab(checkout, state)),
    ...(await Promise.all(fleet.clusters.map(({ name }) => differencesOfObjects(checkout, name, state)))).flat(),
    ...(await differencesOfPlan(checkout)),
  ];
}

/** Returns the output of `skerry status --json`. */
export async function readStatus(checkout: Checkout): Promise<StatusReport> {
  return JSON.parse((await checkout.run("bin/skerry", "status", "--json")).stdout) as StatusReport;
}

/** Returns the state of stack `local`. */
export function readState(checkout: Checkout): State {
  const folder = join(checkout.home, "state", ".pulumi", "stacks");
  const [project] = readdirSync(folder);
  const file = readFileSync(join(folder, project!, "local.json"), "utf8");
  return (JSON.parse(file) as { checkpoint: { latest: State } }).checkpoint.latest;
}

const twice = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

/** Compares two lists and returns the differences. */
function compare(what: string, found: readonly string[], expected: readonly string[]): string[] {
  return [
    ...twice(found).map((name) => `${what} ${name}: twice`),
    ...expected.filter((name) => !found.includes(name)).map((name) => `${what} ${name}: missing`),
    ...found.filter((name) => !expected.includes(name)).map((name) => `${what} ${name}: not expected`),
  ];
}

function differencesOfStatus({ nodes, pods, unplaced }: StatusReport, fleet: Fleet): string[] {
  return [
    ...unplaced.map((pod) => `unplaced: ${JSON.stringify(pod)}`),
    ...nodes.filter(({ ready }) => !ready).map(({ name }) => `node ${name}: not ready`),
    ...pods.filter(({ ready }) => !ready).map(({ name }) => `pod ${name}: not ready`),
    ...fleet.clusters.flatMap(({ name, nodePools }) =>
      compare(
        `${name}: node`,
        nodes.filter(({ cluster, role }) => cluster === name && role === "agent").map((node) => node.name),
        nodePools.flatMap(nodeNames),
      ),
    ),
  ];
}

async function differencesOfLab(checkout: Checkout, { resources }: State): Promise<string[]> {
  const { groups, addresses } = await new LabClient(join(checkout.home, "lab", "lab.sock")).status();
  const idsOf = (type: string): string[] => resources.filter((each) => each.type.endsWith(type)).map(({ id }) => id!);
  const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
  return [
    ...compare("group", names(groups), idsOf("/lab:MachineGroup")),
    ...compare("address", names(addresses), idsOf("/lab:Address")),
  ];
}

/** Compares the objects of a cluster that have Skerry's label with those in the state. */
async function differencesOfObjects(checkout: Checkout, cluster: string, { resources }: State): Promise<string[]> {
  const config = new KubeConfig();
  config.loadFromFile(join(checkout.home, "kubeconfig", cluster));
  const api = KubernetesObjectApi.makeApiClient(config);
  const recorded = resources.filter(
    ({ type, parent }) => type.startsWith("kubernetes:") && parent?.endsWith(`::${cluster}-delivery`),
  );
  const kinds = new Map(recorded.map(({ type, outputs }) => [type, outputs!]));
  const differences = await Promise.all(
    [...kinds].map(async ([type, { apiVersion, kind }]) => {
      const { items } = await api.list(
        apiVersion!,
        kind!,
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        "app.kubernetes.io/managed-by=skerry",
      );
      const ids = items.map(({ metadata }) => [metadata?.namespace, metadata?.name].filter(Boolean).join("/"));
      const expected = recorded.filter((resource) => resource.type === type).map(({ id }) => id!);
      return compare(`${cluster}: ${kind}`, ids, expected);
    }),
  );
  return differences.flat();
}

async function differencesOfPlan(checkout: Checkout): Promise<string[]> {
  const { code, stdout } = await checkout.run("bin/pulumi", "preview", "-s", "local", "--expect-no-changes");
  return code === 0 ? [] : [`preview ended with ${code}: ${stdout.slice(-3000)}`];
}
