/**
 * What admission policies cost a cluster's API server: processor time for each Deployment that is created (dry run), with
 * a policy for each rule, with a policy for each group of rules, and with none.
 *
 *   npx tsx bench/policy/admission.ts [rounds [requests]]
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { ConsoleProgress } from "../../cli/progress";
import { tool } from "../../cli/tools/catalogue";
import { resolveTools } from "../../cli/tools/resolve";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { admissionPolicies } from "../../policies/admission/policies";
import { isAdmitted } from "../../policies/engine/rule";
import { rules } from "../../policies/rules";
import { ApiServer } from "../../test/e2e/api-server";
import { withCluster } from "../lab-cluster";
import { record, spread, table } from "../record";
import { objectsOf } from "./objects";

/** Ticks of Linux's clock in a second, in which /proc counts. */
const TICKS = 100;
const IDLE_MS = 5_000;

/** Every rule alone: the same policies, not grouped. */
function onePolicyPerRule(): KubeObject[] {
  return rules.filter(isAdmitted).flatMap((rule) =>
    admissionPolicies([rule]).map((object) => ({
      ...object,
      metadata: { ...object.metadata, name: `single-${rule.id}` },
      spec: {
        ...(object.spec as object),
        ...(object.kind.endsWith("Binding") && { policyName: `single-${rule.id}` }),
      },
    })),
  );
}

const VARIANTS: readonly { readonly name: string; readonly policies: readonly KubeObject[] }[] = [
  { name: "no policy", policies: [] },
  { name: "a policy for each rule", policies: onePolicyPerRule() },
  { name: "a policy for each group", policies: admissionPolicies(rules) },
];

/** Milliseconds of processor time that a process has used. */
function processorMs(pid: number): number {
  // The name is in parentheses and may contain anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

const kept: KubeObject = {
  ...objectsOf(200).find(({ kind }) => kind === "Deployment")!,
  metadata: { name: "measured", namespace: "default" },
};

/** The same with one field that breaks a rule of the group that warns, and one that breaks a rule that refuses. */
function broken(): KubeObject {
  const object = structuredClone(kept) as unknown as { spec: { template: { spec: Record<string, unknown> } } };
  Object.assign(object.spec.template.spec, { hostNetwork: true, nodeName: "somewhere" });
  return object as unknown as KubeObject;
}

async function create(api: ApiServer, object: KubeObject): Promise<number> {
  return (await api.create(object, { dryRun: true })).status;
}

/** Waits until the API server follows the policies that are there. */
async function settle(api: ApiServer, held: boolean): Promise<void> {
  const wanted = held ? 403 : 201;
  while ((await create(api, broken())) !== wanted) await sleep(200);
  // The other policies of the same variant follow within the same pass.
  await sleep(2_000);
}

async function measure(api: ApiServer, pid: number, requests: number): Promise<number> {
  for (let each = 0; each < 20; each += 1) await create(api, kept);
  const idleFrom = processorMs(pid);
  await sleep(IDLE_MS);
  const idle = (processorMs(pid) - idleFrom) / IDLE_MS;
  const [started, from] = [Date.now(), processorMs(pid)];
  for (let each = 0; each < requests; each += 1) {
    const status = await create(api, kept);
    if (status !== 201) throw new Error(`the Deployment was answered with ${status}`);
  }
  return (processorMs(pid) - from - idle * (Date.now() - started)) / requests;
}

const range = (values: readonly number[]): string => {
  const { median, min, max } = spread(values);
  return `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)})`;
};

async function main(): Promise<void> {
  const rounds = Number(process.argv[2] ?? 5);
  const requests = Number(process.argv[3] ?? 300);
  const [lab] = await resolveTools([tool("lab")], new ConsoleProgress());
  const measured = new Map(VARIANTS.map(({ name }) => [name, [] as number[]]));
  await withCluster(lab!.path, async (cluster) => {
    const api = new ApiServer(cluster.config);
    const { pid } = (await cluster.lab.status()).clusters[0]!;
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, policies } of VARIANTS) {
        for (const object of policies) await api.made(object);
        await settle(api, policies.length > 0);
        measured.get(name)!.push(await measure(api, pid, requests));
        for (const object of [...policies].reverse()) await api.remove(object);
        await settle(api, false);
      }
    }
    await api.close();
  });
  const medians = new Map([...measured].map(([name, values]) => [name, spread(values).median]));
  const [none, single] = VARIANTS.map(({ name }) => medians.get(name)!);
  const rows = VARIANTS.map(({ name, policies }) => {
    const median = medians.get(name)!;
    const share = policies.length === 0 ? "" : ((median - none!) / (single! - none!)).toFixed(2);
    return [name, policies.length, range(measured.get(name)!), (median / single!).toFixed(2), share];
  });
  const head = ["policies", "objects", "ms of processor", "× each rule", "× each rule, without the rest"];
  await record(
    "Admission policies",
    `npx tsx bench/policy/admission.ts ${rounds} ${requests}`,
    `Processor time of the control plane's process for one Deployment that keeps every rule, created as a dry run: median (least–most) of ${rounds} rounds of ${requests} requests, less what the process uses when idle. Every round measures all three, on one cluster. The last column leaves out what the request costs without any policy.\n\n${table(head, rows)}`,
  );
}

void main();
