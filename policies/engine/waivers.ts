import { engineRules } from "./engine-rules";
import type { Waiver } from "./policy";
import type { ObjectName } from "./report";
import type { Rule } from "./rule";

/** What a waiver is matched against: where a rule is violated. */
export interface ViolationLocation {
  /** The rule's id. */
  readonly rule: string;
  readonly cluster?: string;
  /** Absent for violations in the fleet or in a cloud resource. */
  readonly object?: Pick<ObjectName, "kind" | "namespace" | "name">;
}

/** Formats an object's name as in {@link Waiver.object}: `Kind/name` or `Kind/namespace/name`. */
function waiverName({ kind, namespace, name }: NonNullable<ViolationLocation["object"]>): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name].join("/");
}

/** Compiles an object pattern. `*` matches any text without a `/`. */
function compilePattern(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}

/** Returns a function that tells whether a waiver matches a violation, regardless of the date. */
export function compileWaiver({ rule, object, cluster }: Waiver): (violation: ViolationLocation) => boolean {
  const pattern = object === undefined ? undefined : compilePattern(object);
  return (violation) =>
    rule === violation.rule &&
    (cluster === undefined || cluster === violation.cluster) &&
    (pattern === undefined || (violation.object !== undefined && pattern.test(waiverName(violation.object))));
}

/** Whether a waiver's last day is before `today`. Dates are written `2027-03-31`. */
export function isExpired({ expires }: Waiver, today: string): boolean {
  return today > expires;
}

/** Whether a waiver expires more than a year after `today`. */
function isLasting({ expires }: Waiver, today: string): boolean {
  const [year, ...rest] = today.split("-");
  return expires > [String(Number(year) + 1).padStart(4, "0"), ...rest].join("-");
}

/** A finding about a waiver itself. */
export interface WaiverFinding {
  /** Id of one of the {@link engineRules}. */
  readonly rule: string;
  /** Index of the waiver in the policy. */
  readonly index: number;
  readonly message: string;
}

/** Applies a policy's waivers on one date and counts the violations that each of them matches. */
export class WaiverUse {
  private readonly uses: readonly {
    readonly waiver: Waiver;
    readonly matches: (violation: ViolationLocation) => boolean;
    count: number;
  }[];

  constructor(
    waivers: readonly Waiver[],
    private readonly today: string,
  ) {
    this.uses = waivers.map((waiver) => ({ waiver, matches: compileWaiver(waiver), count: 0 }));
  }

  /** Returns the first unexpired waiver that matches a violation. */
  find(violation: ViolationLocation): Waiver | undefined {
    const matching = this.uses.filter(({ matches }) => matches(violation));
    for (const use of matching) use.count += 1;
    return matching.find(({ waiver }) => !isExpired(waiver, this.today))?.waiver;
  }

  /**
   * Returns the findings about the waivers themselves. Call it after {@link find} was called for every violation. Waivers
   * of rules that were not evaluated are skipped.
   *
   * @param evaluated the rules that were evaluated
   * @param clusters the clusters that were evaluated; a waiver for another cluster is not reported as unused
   * @param reportUnused whether to report waivers that match nothing
   */
  findings(
    evaluated: readonly Rule[],
    clusters: readonly { readonly name?: string }[],
    reportUnused: boolean,
  ): WaiverFinding[] {
    return this.uses.flatMap(({ waiver, count }, index): WaiverFinding[] => {
      const finding = (rule: { readonly id: string }, text: string): WaiverFinding => ({
        rule: rule.id,
        index,
        message: `waiver of ${waiverText(waiver)} ${text}`,
      });
      if (!evaluated.some(({ id }) => id === waiver.rule)) return [];
      if (isExpired(waiver, this.today)) {
        return [finding(engineRules.waiverExpired, `expired after ${waiver.expires}; ${expiredUse(count)}`)];
      }
      const inEvaluated = waiver.cluster === undefined || clusters.some(({ name }) => name === waiver.cluster);
      return [
        ...(reportUnused && inEvaluated && count === 0
          ? [finding(engineRules.waiverUnused, "does not match any finding")]
          : []),
        ...(isLasting(waiver, this.today)
          ? [finding(engineRules.waiverLasting, `expires ${waiver.expires}: must be within a year of ${this.today}`)]
          : []),
      ];
    });
  }
}

/** The findings that a waiver is for: `images-pinned for Deployment/legacy/* in tokyo`. */
function waiverText({ rule, object, cluster }: Waiver): string {
  return `${rule} for ${object ?? "all objects"}${cluster === undefined ? "" : ` in ${cluster}`}`;
}

function expiredUse(count: number): string {
  if (count === 0) return "it no longer matches any finding";
  return `${count} ${count === 1 ? "finding counts" : "findings count"} again`;
}
