/** What Pulumi does to one resource. */
export interface ResourceOperation {
  readonly operation: "replace" | "delete" | "create" | "update" | "other";
  readonly role: ResourceRole;
  /** Type as Pulumi has it: `aws:ec2/instance:Instance`. */
  readonly type: string;
  readonly name: string;
  /** Names of the properties whose change replaces the resource. Values are never part of a report. */
  readonly because: readonly string[];
}

/** `servers` run a control plane, `agents` the pods; `volume` holds data. */
export type ResourceRole = "servers" | "volume" | "agents" | "other";

/** Resources of one type with the same operation. */
export interface OperationCount {
  readonly operation: ResourceOperation["operation"];
  readonly type: string;
  readonly resources: number;
}

/** What Pulumi would do to the deployed stack. */
export interface ComputedPlan {
  readonly stack: string;
  /** Operations on servers, volumes and agents, the most serious first. */
  readonly machines: readonly ResourceOperation[];
  /** All other operations, by type. */
  readonly others: readonly OperationCount[];
  readonly unchanged: number;
}

/** What Pulumi would do is unknown. */
export interface UnknownPlan {
  readonly stack: string;
  /** Why Pulumi computed no plan, in one line. */
  readonly unknown: string;
}

export type PulumiPlan = ComputedPlan | UnknownPlan;

/** One step of the engine. */
export interface PlanStep {
  /** Operation as the engine names it: `create`, `delete-replaced`, … */
  readonly op: string;
  readonly urn: string;
  /** Whether a provider manages the resource; false for components. */
  readonly custom: boolean;
  /** Names of the properties that force a replacement. */
  readonly keys?: readonly string[];
}

/** Steps of a replacement that another step of the same resource reports. */
const PARTS: ReadonlySet<string> = new Set(["create-replacement", "delete-replaced", "discard-replaced"]);

/** Operations that only read or leave a resource as it is. */
const SAME: ReadonlySet<string> = new Set(["same", "read", "refresh", "read-replacement", "read-discard"]);

const OPERATIONS: Readonly<Record<string, ResourceOperation["operation"]>> = {
  replace: "replace",
  delete: "delete",
  create: "create",
  import: "create",
  update: "update",
};

/** Resources that hold data, by the last part of their type. */
const VOLUME = /[:/](Volume|Disk|ManagedDisk|PersistentVolume|PersistentVolumeClaim|FileSystem)$/;

/** Machines and groups of machines, by their type. */
const MACHINE =
  /:(MachineGroup|Instance|InstanceGroupManager|VirtualMachine|Server|Droplet)$|^aws:autoscaling\/.*:Group$/;

/** `urn:pulumi:<stack>::<project>::<type>$<type>::<name>`: types from the outermost parent to the resource itself. */
function parseUrn(urn: string): { readonly types: readonly string[]; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { types: types.split("$"), name: name.join("::") };
}

function roleOf(types: readonly string[]): ResourceRole {
  const type = types.at(-1) ?? "";
  if (VOLUME.test(type)) return "volume";
  if (!MACHINE.test(type)) return "other";
  return types.includes("skerry:nodes:NodePool") || !types.includes("skerry:clusters:Cluster") ? "agents" : "servers";
}

/** What loses most comes first. */
const SERIOUSNESS: readonly ((operation: ResourceOperation) => boolean)[] = [
  ({ operation, role }) => isLoss(operation) && (role === "servers" || role === "volume"),
  ({ operation }) => isLoss(operation),
  ({ role }) => role === "servers" || role === "volume",
  () => true,
];

const isLoss = (operation: ResourceOperation["operation"]): boolean =>
  operation === "replace" || operation === "delete";

const rank = (operation: ResourceOperation): number => SERIOUSNESS.findIndex((matches) => matches(operation));

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function describeStep({ op, urn, keys = [] }: PlanStep): ResourceOperation {
  const { types, name } = parseUrn(urn);
  const operation = OPERATIONS[op] ?? "other";
  // The engine may add a path such as `machine.cpuCores`, which is still a name.
  const because = operation === "replace" ? [...new Set(keys)].sort() : [];
  return { operation, role: roleOf(types), type: types.at(-1) ?? "", name, because };
}

/** Components, providers and the stack itself stand for the resources below them. */
const isResource = ({ urn, custom }: PlanStep): boolean => custom && !parseUrn(urn).types.at(-1)!.startsWith("pulumi:");

/** Describes the change that a step makes to a resource; undefined if it makes none, or if another step reports it. */
export function describeChange(step: PlanStep): ResourceOperation | undefined {
  return PARTS.has(step.op) || SAME.has(step.op) || !isResource(step) ? undefined : describeStep(step);
}

/**
 * Summarizes the steps of a preview of the engine.
 *
 * @param steps steps in any order
 */
export function summarizePlan(stack: string, steps: readonly PlanStep[]): ComputedPlan {
  const resources = steps.filter((step) => !PARTS.has(step.op) && isResource(step));
  const changes = resources.flatMap((step) => describeChange(step) ?? []);
  const counts = new Map<string, OperationCount>();
  for (const { operation, type } of changes.filter(({ role }) => role === "other")) {
    const key = `${operation} ${type}`;
    counts.set(key, { operation, type, resources: (counts.get(key)?.resources ?? 0) + 1 });
  }
  return {
    stack,
    machines: changes
      .filter(({ role }) => role !== "other")
      .sort((a, b) => rank(a) - rank(b) || compareTexts(a.name, b.name) || compareTexts(a.operation, b.operation)),
    others: [...counts].sort(([a], [b]) => compareTexts(a, b)).map(([, count]) => count),
    unchanged: resources.length - changes.length,
  };
}
