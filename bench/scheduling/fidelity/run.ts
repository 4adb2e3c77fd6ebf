import { App } from "cdk8s";

import { DefinitionsChart } from "../../../charts/system/definitions";
import type { KubeObject } from "../../../fleet/kubernetes/object";
import { Simulator } from "../../../preview/simulator/simulator";
import { type LabCluster, withCluster } from "../../lab-cluster";
import { compareCreation, type Sides } from "./compare-creation";
import type { Comparison } from "./comparison";
import { withEdgeScheduler } from "./edge-scheduler";
import { LiveCluster } from "./live-cluster";
import type { Scenario } from "./scenario";

/** Paths of the programs. */
export interface Programs {
  readonly lab: string;
  readonly scheduler: string;
  readonly simulator: string;
}

/** The lab publishes no usage: nodes have that of the scenario. */
const FLAGS = ["--sampling-interval=0"];

async function runScenario(cluster: LabCluster, programs: Programs, scenario: Scenario): Promise<Comparison[]> {
  const live = await LiveCluster.watch(cluster);
  const simulator = new Simulator(programs.simulator);
  const sides: Sides = {
    simulate: async (request) => {
      const report = await simulator.simulate(request);
      const problem = report.after.findings?.find(({ code }) => code === "InvalidObject");
      if (problem) throw new Error(`${scenario.name}: ${problem.message}`);
      return report;
    },
    explain: (pod) => live.bindingMessage(pod),
  };
  const comparisons: Comparison[] = [];
  const started = Date.now();
  try {
    await live.prepare(scenario);
    await withEdgeScheduler(programs.scheduler, cluster, scenario, async () => {
      let before = await live.read();
      for (const [index, { object }] of scenario.workloads.entries()) {
        await live.run(object);
        const after = await live.read();
        comparisons.push(...(await compareCreation({ scenario, index, before, after }, sides)));
        before = after;
      }
      await live.clear(scenario);
    });
  } finally {
    live.stop();
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stderr.write(
    `${scenario.name}: ${comparisons.length} pods on ${scenario.rendering.nodes.length} nodes in ${seconds} s\n`,
  );
  return comparisons;
}

/** Runs scenarios of one cluster name and home region in one lab. */
export async function runScenarios(programs: Programs, scenarios: readonly Scenario[]): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  await withCluster(
    programs.lab,
    async (cluster) => {
      const live = await LiveCluster.watch(cluster);
      const chart = new DefinitionsChart(new App(), "definitions");
      for (const object of chart.toJson() as KubeObject[]) await live.create(object);
      live.stop();
      for (const scenario of scenarios) comparisons.push(...(await runScenario(cluster, programs, scenario)));
    },
    { flags: FLAGS, spec: scenarios[0]!.cluster },
  );
  return comparisons;
}
