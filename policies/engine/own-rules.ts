import type { Rule } from "./rule";

type Statement = Pick<Rule, "id" | "title" | "why" | "severity" | "remedy">;

/** What is found about a policy itself, beside what its rules find. */
export const ownRules = {
  ruleFailed: {
    id: "rule-failed",
    title: "Every rule can look at what it is given",
    why: "A rule that failed says nothing about what it was to look at, whether it is kept there or broken.",
    severity: "error",
    remedy: "Mend the rule, so that it takes whatever an object may hold; or mend the object, if it is malformed.",
  },
  manifestUnreadable: {
    id: "manifest-unreadable",
    title: "Every manifest can be read",
    why: "Rules find nothing in what cannot be read, and kubectl refuses it or takes a part of it in silence.",
    severity: "error",
    remedy: "Correct the manifest; or leave the file out with --exclude or in .skerryignore, if it is none.",
  },
  waiverExpired: {
    id: "waiver-expired",
    title: "No waiver outlives its last day",
    why: "A waiver is a loan: one that nobody pays back is a rule that is off, though it looks as if it were on.",
    severity: "error",
    remedy: "Mend what it tolerated and remove the waiver, or agree on a new last day.",
  },
  waiverUnused: {
    id: "waiver-unused",
    title: "Every waiver tolerates something",
    why: "What is not there today may come back unseen tomorrow, because somebody once tolerated it.",
    severity: "warning",
    remedy: "Remove the waiver, or write its object and cluster as the report writes them.",
  },
  waiverLasting: {
    id: "waiver-lasting",
    title: "Every waiver ends within a year",
    why: "Nobody remembers after years why something was tolerated; who means for ever sets the rule's severity.",
    severity: "warning",
    remedy: "Name an earlier last day, or state the rule's severity in the policy.",
  },
} as const satisfies Record<string, Statement>;

/** Those that a policy may set the severity of: that a rule failed is always an error. */
export const tunable: readonly Statement[] = [
  ownRules.manifestUnreadable,
  ownRules.waiverExpired,
  ownRules.waiverUnused,
  ownRules.waiverLasting,
];
