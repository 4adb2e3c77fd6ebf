import type { ComputedPlan, OperationCount, PulumiPlan, ResourceOperation } from "../plan";

type Operation = ResourceOperation["operation"];

/** What happens to a resource, for people. */
export const OPERATIONS: Readonly<Record<Operation, string>> = {
  replace: "replaced",
  delete: "deleted",
  create: "created",
  update: "updated",
  other: "changed in another way",
};

/** `lab:MachineGroup` instead of `pulumi-nodejs:dynamic/lab:MachineGroup`. */
const shortType = (type: string): string => type.replace(/^pulumi-nodejs:dynamic\//, "");

function machineLine({ operation, role, type, name, because }: ResourceOperation): string {
  const why = because.length > 0 ? `, because ${because.join(", ")} changes` : "";
  return `${role} ${name} (${shortType(type)}) ${OPERATIONS[operation]}${why}`;
}

const countLine = ({ operation, type, resources }: OperationCount): string =>
  `${resources} ${shortType(type)} ${OPERATIONS[operation]}`;

/** Whether Pulumi would change anything. */
export const changesResources = ({ machines, others }: ComputedPlan): boolean => machines.length + others.length > 0;

/** What Pulumi would do, one line per server, volume and group of agents, and one per type of other resources. */
export function planLines(plan: PulumiPlan | undefined): string[] {
  if (!plan) return [];
  if ("unknown" in plan) return [`unknown: ${plan.unknown}`];
  if (!changesResources(plan)) return [`nothing: ${plan.unchanged} resources stay as they are`];
  return [...plan.machines.map(machineLine), ...plan.others.map(countLine), `${plan.unchanged} unchanged`];
}

/** The title of the section with {@link planLines}. The plan starts from what is deployed, not from the base. */
export const planTitle = (plan: PulumiPlan | undefined): string =>
  `What Pulumi would do to stack ${plan?.stack ?? ""}`.trimEnd();

/** Servers and volumes that would be lost: replacing them loses what they hold. */
export function listLosses(plan: PulumiPlan | undefined): readonly ResourceOperation[] {
  if (!plan || "unknown" in plan) return [];
  return plan.machines.filter(
    ({ operation, role }) => (operation === "replace" || operation === "delete") && role !== "agents",
  );
}
