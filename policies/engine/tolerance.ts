import { ownRules } from "./own-rules";
import type { Waiver } from "./policy";
import type { Rule } from "./rule";
import { coverage, type Found, isExpired, isLasting, waiverText } from "./waivers";

/** What is found about a waiver itself. */
export interface WaiverFinding {
  readonly rule: string;
  /** Which of the policy's waivers. */
  readonly index: number;
  readonly message: string;
}

/** A policy's waivers on one day, and how much each of them met. */
export class Tolerance {
  private readonly each: readonly {
    readonly waiver: Waiver;
    readonly covers: (found: Found) => boolean;
    met: number;
  }[];

  constructor(
    waivers: readonly Waiver[],
    private readonly today: string,
  ) {
    this.each = waivers.map((waiver) => ({ waiver, covers: coverage(waiver), met: 0 }));
  }

  /** The waiver that tolerates what was found; undefined when none does, or none any more. */
  by(found: Found): Waiver | undefined {
    const meeting = this.each.filter(({ covers }) => covers(found));
    for (const one of meeting) one.met += 1;
    return meeting.find(({ waiver }) => !isExpired(waiver, this.today))?.waiver;
  }

  /**
   * What is found about the waivers themselves, once everything was held against them. Of a rule that was not asked, and
   * of a cluster that was not looked at, nothing is known.
   *
   * @param unused whether those that tolerate nothing are told
   */
  told(asked: readonly Rule[], clusters: readonly { readonly name?: string }[], unused: boolean): WaiverFinding[] {
    const found = this.each.flatMap(({ waiver, met }, index): WaiverFinding[] => {
      if (!asked.some(({ id }) => id === waiver.rule)) return [];
      if (isExpired(waiver, this.today))
        return [{ rule: ownRules.waiverExpired.id, index, message: expired(waiver, met) }];
      const looked = waiver.cluster === undefined || clusters.some(({ name }) => name === waiver.cluster);
      const idle = unused && looked && met === 0;
      const lasting = isLasting(waiver, this.today);
      return [
        ...(idle ? [{ rule: ownRules.waiverUnused.id, index, message: "tolerates nothing that was found" }] : []),
        ...(lasting
          ? [
              {
                rule: ownRules.waiverLasting.id,
                index,
                message: `counts until ${waiver.expires}, allowed is a year from ${this.today}`,
              },
            ]
          : []),
      ];
    });
    return found.map((each) => ({
      ...each,
      message: `the waiver of ${waiverText(this.each[each.index]!.waiver)} ${each.message}`,
    }));
  }
}

function expired({ expires }: Waiver, met: number): string {
  const left =
    met === 0 ? "nothing that it tolerated is left" : met === 1 ? "1 finding is back" : `${met} findings are back`;
  return `counted until ${expires}; ${left}`;
}
