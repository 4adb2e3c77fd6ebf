import type {
  EnforcementLevel,
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";

type PlanPolicy = ResourceValidationPolicy | StackValidationPolicy;

/** The functions of `@pulumi/policy` that wrap properties, which its types leave out. */
const { unknownCheckingProxy, unknownStringValue } = jest.requireActual<{
  unknownCheckingProxy: (props: unknown) => Record<string, unknown>;
  unknownStringValue: string;
}>("@pulumi/policy/proxy");

/** A value that is unknown during preview: reading it throws. */
export const UNKNOWN = unknownStringValue;

export interface PlannedResource {
  readonly type: string;
  /** @default "it" */
  readonly urn?: string;
  readonly props: unknown;
  /** Name of the provider. */
  readonly provider?: string;
  /** What the engine passes when it validates the stack. @default the same as `props` */
  readonly outputs?: unknown;
}

export interface PlanViolation {
  readonly policy: string;
  readonly level: EnforcementLevel | undefined;
  readonly message: string;
  readonly urn?: string;
}

/** Runs policies on a plan as Pulumi's engine does: on each resource, then on the stack. Disabled policies are not run. */
export function runPlan(policies: readonly PlanPolicy[], resources: readonly PlannedResource[]): PlanViolation[] {
  const violations: PlanViolation[] = [];
  const enabled = policies.filter(({ enforcementLevel }) => enforcementLevel !== "disabled");
  const reporter =
    ({ name, enforcementLevel }: PlanPolicy, resource?: string): ReportViolation =>
    (message, urn = resource) => {
      violations.push({ policy: name, level: enforcementLevel, message: message, ...(urn && { urn }) });
    };
  const wrap = ({ type, urn = "it", provider }: PlannedResource, props: unknown) => ({
    type,
    name: urn,
    urn,
    // Each policy gets its own proxy.
    props: unknownCheckingProxy(JSON.parse(JSON.stringify(props))),
    ...(provider && { provider: { name: provider } }),
  });
  for (const resource of resources) {
    for (const policy of enabled) {
      if (!("validateResource" in policy) || typeof policy.validateResource !== "function") continue;
      const args = wrap(resource, resource.props) as unknown as ResourceValidationArgs;
      void policy.validateResource(args, reporter(policy, args.urn));
    }
  }
  for (const policy of enabled) {
    if (!("validateStack" in policy)) continue;
    const outputs = resources.map((resource) => wrap(resource, resource.outputs ?? resource.props));
    void policy.validateStack({ resources: outputs } as never, reporter(policy));
  }
  return violations;
}
