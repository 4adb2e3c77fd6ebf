/**
 * Measures the cost of admission policies for an API server: the CPU time to create a Deployment (dry run) without policies,
 * with one policy per rule, and with one policy per group of rules.
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

/** Clock ticks per second in /proc. */
const TICKS = 100;
const IDLE_MS = 5_000;

/** Returns one policy per rule instead of one per group. */
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
  { name: "one policy per rule", policies: onePolicyPerRule() },
  { name: "one policy per group", policies: admissionPolicies(rules) },
];

/** Returns the CPU time that a process has used in milliseconds. */
function cpuMs(pid: number): number {
  // The name is in parentheses and may contain anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

const valid: KubeObject = {
  ...objectsOf(200).find(({ kind }) => kind === "Deployment")!,
  metadata: { name: "measured", namespace: "default" },
};

/** Returns the Deployment with two violations: one of a rule that warns, and one of a rule that rejects. */
function invalid(): KubeObject {
  const object = structuredClone(valid) as unknown as { spec: { template: { spec: Record<string, unknown> } } };
  Object.assign(object.spec.template.spec, { hostNetwork: true, nodeName: "somewhere" });
  return object as unknown as KubeObject;
}

async function create(api: ApiServer, object: KubeObject): Promise<number> {
  return (await api.create(object, { dryRun: true })).status;
}

/** Waits until the API server enforces its policies. */
async function waitForPolicies(api: ApiServer, isEnforced: boolean): Promise<void> {
  const status = isEnforced ? 403 : 201;
  while ((await create(api, invalid())) !== status) await sleep(200);
  // The other policies of the variant take effect in the same pass.
  await sleep(2_000);
}

async function measure(api: ApiServer, pid: number, requests: number): Promise<number> {
  for (let each = 0; each < 20; each += 1) await create(api, valid);
  const idleFrom = cpuMs(pid);
  await sleep(IDLE_MS);
  const idle = (cpuMs(pid) - idleFrom) / IDLE_MS;
  const [started, from] = [Date.now(), cpuMs(pid)];
  for (let each = 0; each < requests; each += 1) {
    const status = await create(api, valid);
    if (status !== 201) throw new Error(`creating the Deployment returned status ${status}`);
  }
  return (cpuMs(pid) - from - idle * (Date.now() - started)) / requests;
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
    const { pid } = (await cluster.lab.status()).servers[0]!;
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, policies } of VARIANTS) {
        for (const object of policies) await api.made(object);
        await waitForPolicies(api, policies.length > 0);
        measured.get(name)!.push(await measure(api, pid, requests));
        for (const object of [...policies].reverse()) await api.remove(object);
        await waitForPolicies(api, false);
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
  const head = ["policies", "objects", "CPU, ms", "× one per rule", "× one per rule, without the rest"];
  await record(
    "Admission policies",
    `npx tsx bench/policy/admission.ts ${rounds} ${requests}`,
    `CPU time of the control plane's process to create one valid Deployment in a dry run: median (min–max) of ${rounds} rounds of ${requests} requests, minus the CPU time of the idle process. Every round measures all three variants on one cluster. The last column excludes the cost of the request without policies.\n\n${table(head, rows)}`,
  );
}

void main();
