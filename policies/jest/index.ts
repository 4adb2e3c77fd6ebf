import { formatValue, describeUnknown } from "../../fleet/problem";
import type { Finding, PolicyReport } from "../engine/report";
import { several } from "../reports/groups";
import { findingsText } from "../reports/table";
import { rules } from "../rules";
import { type Compliance, judged } from "./judged";
import {
  type Domain,
  type WorkloadOptions,
  placedIn,
  runsOn,
  spreadsOver,
  taintText,
  toleratesTaint,
  type Verdict,
  verdicts,
} from "./placed";
import { received } from "./received";

export type { Compliance, ClusterContext } from "./judged";
export type { Domain, WorkloadOptions } from "./placed";
export type { Judgeable, RenderedObjects } from "./received";

interface Result {
  readonly pass: boolean;
  message(): string;
}

/** A taint, as `dedicated=iot:NoSchedule` states it in parts. */
export interface TolerateTaint {
  readonly key: string;
  /** @default "" */
  readonly value?: string;
  /** @default "NoSchedule" */
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Matchers about policies and placement. Importing this module adds them to Jest's `expect`. */
export interface SkerryMatchers<R = unknown> {
  /**
   * Breaks no rule of Skerry's, nor of the team's policy; what a waiver tolerates is kept.
   *
   * @example
   * expect(chart).toComply({ policy, environment: "production" });
   */
  toComply(options?: Compliance): R;
  /**
   * Breaks a rule, whatever its severity.
   *
   * @example
   * expect(chart).toViolate("images-pinned");
   */
  toViolate(rule: string, options?: Compliance): R;
  /**
   * Pods can only run in a region. With a fleet, or `FleetNodePool` objects among those under test, also that a node there
   * takes them.
   *
   * @example
   * expect(chart).toBePlacedIn("tokyo", { workload: "dashboard", fleet, cluster: "tokyo" });
   */
  toBePlacedIn(region: string, meant?: WorkloadOptions): R;
  /** Pods can only run on a device; where nodes are known, also that one takes them. */
  toRunOn(device: string, meant?: WorkloadOptions): R;
  /** Pods tolerate a taint. */
  toTolerate(taint: TolerateTaint, meant?: WorkloadOptions): R;
  /** Pods are spread over nodes, zones or regions, by a selector of their own labels. */
  toSpreadOver(domain: Domain, meant?: WorkloadOptions): R;
}

const counts =
  (failOn: Compliance["failOn"]) =>
  (finding: Finding): boolean =>
    !finding.waived && (finding.severity === "error" || (failOn === "warning" && finding.severity === "warning"));

const text = (report: PolicyReport, findings: readonly Finding[]): string =>
  findingsText({ ...report, findings }, false).trimEnd();

function placement(value: unknown, meant: WorkloadOptions, what: string, say: Parameters<typeof verdicts>[2]): Result {
  const all: Verdict[] = verdicts(received(value), meant, say);
  const pass = all.every(({ holds }) => holds);
  const lines = (wanted: boolean): string =>
    all
      .filter(({ holds }) => holds === wanted)
      .map(({ workload, because }) => `  ${workload}: ${because}`)
      .join("\n");
  return {
    pass,
    message: () => (pass ? `expected pods not ${what}:\n${lines(true)}` : `expected pods ${what}:\n${lines(false)}`),
  };
}

/** For `expect.extend`, where Jest's globals are not used. */
export const skerryMatchers = {
  toComply(value: unknown, options: Compliance = {}): Result {
    const report = judged(received(value), options);
    const broken = report.findings.filter(counts(options.failOn));
    const asked = `${several(report.rules.length, "rule")}, ${several(report.objects, "object")}`;
    return {
      pass: broken.length === 0,
      message: () =>
        broken.length === 0
          ? `expected a rule to be broken (${asked}), all are kept`
          : `expected every rule to be kept (${asked}), got ${several(broken.length, "finding")}:\n\n${text(report, broken)}`,
    };
  },

  toViolate(value: unknown, rule: string, options: Compliance = {}): Result {
    const known = [...rules, ...(options.policy?.rules ?? [])].map(({ id }) => id);
    if (!known.includes(rule)) throw new RangeError(`rule: ${describeUnknown("rule", rule, known)}`);
    const report = judged(received(value), { ...options, rules: [rule] });
    const broken = report.findings.filter((each) => each.rule === rule && !each.waived);
    const stopped = report.findings.filter((each) => each.rule !== rule);
    return {
      pass: broken.length > 0,
      message: () =>
        broken.length > 0
          ? `expected rule ${rule} to be kept, got ${several(broken.length, "finding")}:\n\n${text(report, broken)}`
          : `expected rule ${rule} to be broken, it is kept by ${several(report.objects, "object")}${stopped.length > 0 ? `, but:\n\n${text(report, stopped)}` : ""}`,
    };
  },

  toBePlacedIn(value: unknown, region: string, meant: WorkloadOptions = {}): Result {
    return placement(value, meant, `to be placed in ${formatValue(region)}, and nowhere else`, placedIn(region));
  },

  toRunOn(value: unknown, device: string, meant: WorkloadOptions = {}): Result {
    return placement(value, meant, `to run on ${formatValue(device)}, and on nothing else`, runsOn(device));
  },

  toTolerate(
    value: unknown,
    { key, value: of = "", effect = "NoSchedule" }: TolerateTaint,
    meant: WorkloadOptions = {},
  ): Result {
    const taint = { key, value: of, effect };
    return placement(value, meant, `to tolerate ${taintText(taint)}`, toleratesTaint(taint));
  },

  toSpreadOver(value: unknown, domain: Domain, meant: WorkloadOptions = {}): Result {
    return placement(value, meant, `to be spread over ${domain}`, spreadsOver(domain));
  },
};

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Jest declares its matchers in one
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into what Jest declares
    interface Matchers<R> extends SkerryMatchers<R> {}
  }
}

declare module "expect" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into what Jest declares
  interface Matchers<R extends void | Promise<void>> extends SkerryMatchers<R> {}
}

(globalThis as { expect?: { extend(matchers: object): void } }).expect?.extend(skerryMatchers);
