import { formatTaint } from "../../fleet/kubernetes/tolerations";
import { formatValue, describeUnknown } from "../../fleet/problem";
import type { Finding, PolicyReport } from "../engine/report";
import { countText } from "../reports/groups";
import { findingsText } from "../reports/table";
import { rules } from "../rules";
import { type Compliance, evaluateReceived } from "./compliance";
import {
  checkWorkloads,
  type Domain,
  placedIn,
  runsOn,
  spreadsOver,
  tolerates,
  type WorkloadOptions,
} from "./placement";
import { readReceived } from "./received";

export type { ClusterContext, Compliance } from "./compliance";
export type { Domain, WorkloadOptions } from "./placement";
export type { ObjectsUnderTest, RenderedObjects } from "./received";

interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** A taint: `dedicated=iot:NoSchedule` has key `dedicated`, value `iot` and effect `NoSchedule`. */
export interface TolerateTaint {
  readonly key: string;
  /** @default "" */
  readonly value?: string;
  /** @default "NoSchedule" */
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Matchers for policy and placement. Importing this module adds them to Jest's `expect`. */
export interface SkerryMatchers<R = unknown> {
  /**
   * Passes when the objects violate no rule of Skerry and of the team's policy. Waived findings do not count.
   *
   * @example
   * expect(chart).toComply({ policy, environment: "production" });
   */
  toComply(options?: Compliance): R;
  /**
   * Passes when the objects violate a rule, regardless of its severity.
   *
   * @example
   * expect(chart).toViolate("images-pinned");
   */
  toViolate(rule: string, options?: Compliance): R;
  /**
   * Passes when the pods can only run in a region. With a fleet, or with `FleetNodePool` objects among the objects under
   * test, it also requires a node pool in the region that the pods may run on.
   *
   * @example
   * expect(chart).toBePlacedIn("tokyo", { workload: "dashboard", fleet, cluster: "tokyo" });
   */
  toBePlacedIn(region: string, options?: WorkloadOptions): R;
  /**
   * Passes when the pods can only run on a device. With a fleet, or with `FleetNodePool` objects among the objects under
   * test, it also requires a node pool with the device that the pods may run on.
   */
  toRunOn(device: string, options?: WorkloadOptions): R;
  /** Passes when the pods tolerate a taint. */
  toTolerate(taint: TolerateTaint, options?: WorkloadOptions): R;
  /** Passes when the pods are spread over nodes, zones or regions, by a selector that matches their own labels. */
  toSpreadOver(domain: Domain, options?: WorkloadOptions): R;
}

/** Returns a function that tells whether a finding fails the test. */
const failsTest =
  (failOn: Compliance["failOn"]) =>
  ({ waived, severity }: Finding): boolean =>
    !waived && (severity === "error" || (failOn === "warning" && severity === "warning"));

const textOf = (report: PolicyReport, findings: readonly Finding[]): string =>
  findingsText({ ...report, findings }, false).trimEnd();

function matchPlacement(
  value: unknown,
  options: WorkloadOptions,
  expectation: string,
  check: Parameters<typeof checkWorkloads>[2],
): MatcherResult {
  const results = checkWorkloads(readReceived(value), options, check);
  const pass = results.every((result) => result.pass);
  const lines = results
    .filter((result) => result.pass === pass)
    .map(({ workload, reason }) => `  ${workload}: ${reason}`)
    .join("\n");
  return { pass, message: () => `expected pods ${pass ? "not " : ""}${expectation}:\n${lines}` };
}

/** The matchers, for `expect.extend` where Jest's globals are not used. */
export const skerryMatchers = {
  toComply(value: unknown, options: Compliance = {}): MatcherResult {
    const report = evaluateReceived(readReceived(value), options);
    const failing = report.findings.filter(failsTest(options.failOn));
    const evaluated = `${countText(report.rules.length, "rule")}, ${countText(report.objects, "object")}`;
    return {
      pass: failing.length === 0,
      message: () =>
        failing.length === 0
          ? `expected a violation of policy (${evaluated}), got none`
          : `expected no violation of policy (${evaluated}), got ${countText(failing.length, "finding")}:\n\n${textOf(report, failing)}`,
    };
  },

  toViolate(value: unknown, rule: string, options: Compliance = {}): MatcherResult {
    const ids = [...rules, ...(options.policy?.rules ?? [])].map(({ id }) => id);
    if (!ids.includes(rule)) throw new RangeError(`rule: ${describeUnknown("rule", rule, ids)}`);
    const report = evaluateReceived(readReceived(value), { ...options, rules: [rule] });
    const violations = report.findings.filter((finding) => finding.rule === rule && !finding.waived);
    const others = report.findings.filter((finding) => finding.rule !== rule);
    return {
      pass: violations.length > 0,
      message: () =>
        violations.length > 0
          ? `expected no violation of rule ${rule}, got ${countText(violations.length, "finding")}:\n\n${textOf(report, violations)}`
          : `expected a violation of rule ${rule}, got none in ${countText(report.objects, "object")}${others.length > 0 ? `, but:\n\n${textOf(report, others)}` : ""}`,
    };
  },

  toBePlacedIn(value: unknown, region: string, options: WorkloadOptions = {}): MatcherResult {
    return matchPlacement(value, options, `to be placed in ${formatValue(region)} only`, placedIn(region));
  },

  toRunOn(value: unknown, device: string, options: WorkloadOptions = {}): MatcherResult {
    return matchPlacement(value, options, `to run on ${formatValue(device)} only`, runsOn(device));
  },

  toTolerate(
    value: unknown,
    { key, value: taintValue = "", effect = "NoSchedule" }: TolerateTaint,
    options: WorkloadOptions = {},
  ): MatcherResult {
    const taint = { key, value: taintValue, effect };
    return matchPlacement(value, options, `to tolerate ${formatTaint(taint)}`, tolerates(taint));
  },

  toSpreadOver(value: unknown, domain: Domain, options: WorkloadOptions = {}): MatcherResult {
    return matchPlacement(value, options, `to be spread over ${domain}`, spreadsOver(domain));
  },
};

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Jest declares its matchers in a namespace
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges with Jest's declaration
    interface Matchers<R> extends SkerryMatchers<R> {}
  }
}

declare module "expect" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merges with Jest's declaration
  interface Matchers<R extends void | Promise<void>> extends SkerryMatchers<R> {}
}

(globalThis as { expect?: { extend(matchers: object): void } }).expect?.extend(skerryMatchers);
