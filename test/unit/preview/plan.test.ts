import { planLines } from "../../../preview/output/plan-lines";
import { renderHtml } from "../../../preview/output/html";
import { renderMarkdown } from "../../../preview/output/markdown";
import { describeVerdict, isBlocking } from "../../../preview/output/tally";
import { renderTerminal } from "../../../preview/output/terminal";
import { type PlanStep, type PulumiPlan, summarizePlan } from "../../../preview/plan";
import { QUIET } from "./reports";

const CLUSTER = "skerry:clusters:Cluster";
const GROUP = "pulumi-nodejs:dynamic/lab:MachineGroup";

const step = (op: string, types: string, name: string, keys: string[] = [], custom = true): PlanStep => ({
  op,
  urn: `urn:pulumi:local::fleet::${types}::${name}`,
  custom,
  keys,
});

const STEPS: readonly PlanStep[] = [
  step("same", "pulumi:pulumi:Stack", "fleet-local", [], false),
  step("update", "pulumi:providers:kubernetes", "tokyo-api"),
  step("same", CLUSTER, "tokyo", [], false),
  step("create", "kubernetes:apps/v1:Deployment", "east::app/web"),
  step("update", "kubernetes:core/v1:ConfigMap", "a"),
  step("update", "kubernetes:core/v1:ConfigMap", "b"),
  step("same", "kubernetes:core/v1:Secret", "credentials"),
  step("update", `${CLUSTER}$skerry:nodes:NodePool$${GROUP}`, "tokyo-gw"),
  step("delete", `${CLUSTER}$skerry:nodes:NodePool$${GROUP}`, "tokyo-pi4"),
  step("delete-replaced", `${CLUSTER}$${GROUP}`, "tokyo-server", ["machine"]),
  step("replace", `${CLUSTER}$${GROUP}`, "tokyo-server", ["machine", "address", "machine"]),
  step("create-replacement", `${CLUSTER}$${GROUP}`, "tokyo-server", ["machine"]),
  step("delete", "example:Site$aws:ebs/volume:Volume", "data"),
  step("replace", "aws:ec2/instance:Instance", "bastion", ["ami"]),
];

describe("a plan", () => {
  const plan = summarizePlan("local", STEPS);

  it("has servers and volumes that are lost first, then other lost machines, then the rest", () => {
    expect(plan.machines.map(({ operation, role, name }) => [operation, role, name])).toEqual([
      ["delete", "volume", "data"],
      ["replace", "servers", "tokyo-server"],
      ["replace", "agents", "bastion"],
      ["delete", "agents", "tokyo-pi4"],
      ["update", "agents", "tokyo-gw"],
    ]);
  });

  it("counts a replacement once, with the names of the properties that force it", () => {
    expect(plan.machines[1]).toMatchObject({ because: ["address", "machine"] });
  });

  it("counts other resources by type, without components and providers", () => {
    expect(plan.others).toEqual([
      { operation: "create", type: "kubernetes:apps/v1:Deployment", resources: 1 },
      { operation: "update", type: "kubernetes:core/v1:ConfigMap", resources: 2 },
    ]);
    expect(plan.unchanged).toBe(1);
  });

  it("does not depend on the order of the steps", () => {
    expect(summarizePlan("local", [...STEPS].reverse())).toEqual(plan);
  });

  it("is one line per machine and per type", () => {
    expect(planLines(plan)).toEqual([
      "volume data (aws:ebs/volume:Volume) deleted",
      "servers tokyo-server (lab:MachineGroup) replaced, because address, machine changes",
      "agents bastion (aws:ec2/instance:Instance) replaced, because ami changes",
      "agents tokyo-pi4 (lab:MachineGroup) deleted",
      "agents tokyo-gw (lab:MachineGroup) updated",
      "1 kubernetes:apps/v1:Deployment created",
      "2 kubernetes:core/v1:ConfigMap updated",
      "1 unchanged",
    ]);
  });
});

const unknown: PulumiPlan = { stack: "local", unknown: "stack local has no state in this project" };

it.each<[string, PulumiPlan, string]>([
  ["lost machines", summarizePlan("local", STEPS), "1 control plane and 1 volume replaced or deleted"],
  ["other changes", summarizePlan("local", STEPS.slice(3, 6)), "no pod moves; Pulumi changes resources"],
  ["nothing", summarizePlan("local", STEPS.slice(6, 7)), "no change"],
  ["an unknown plan", unknown, "no change (Pulumi's plan is unknown)"],
])("the verdict names %s", (_, plan, verdict) => {
  expect(describeVerdict({ ...QUIET, plan })).toBe(verdict);
  expect(isBlocking({ ...QUIET, plan })).toBe(false);
});

it.each([
  ["Markdown", renderMarkdown],
  ["the terminal", (report: typeof QUIET) => renderTerminal(report, false)],
  ["HTML", renderHtml],
])("%s says why a plan is unknown, and that nothing changes only if that is known", (_, render) => {
  expect(render({ ...QUIET, plan: unknown })).toContain("stack local has no state in this project");
  expect(render({ ...QUIET, plan: unknown })).not.toMatch(/nothing: \d+ resources/);
  expect(render({ ...QUIET, plan: summarizePlan("local", STEPS) })).toContain("What Pulumi would do to stack local");
});
