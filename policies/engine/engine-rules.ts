import type { RuleMetadata } from "./rule";

/** Rules that the engine itself checks: on the rules, manifests and waivers that it works with. */
export const engineRules = {
  ruleFailed: {
    id: "rule-failed",
    title: "Every rule can be evaluated",
    why: "A rule that fails finds no violations, so its subject is unchecked.",
    severity: "error",
    remedy: "Fix the rule so that it handles every value the object may have; fix the object if it is malformed.",
  },
  manifestUnreadable: {
    id: "manifest-unreadable",
    title: "Every manifest can be read",
    why: "Rules cannot check an unreadable manifest, and kubectl rejects it or silently ignores a part of it.",
    severity: "error",
    remedy: "Fix the manifest. If the file is not a manifest, exclude it with --exclude or in .skerryignore.",
  },
  waiverExpired: {
    id: "waiver-expired",
    title: "No waiver has expired",
    why: "A waiver is meant to end. Without an error, expired waivers would pile up in the policy.",
    severity: "error",
    remedy: "Fix the findings that the waiver tolerated and remove it, or agree on a new expiry date.",
  },
  waiverUnused: {
    id: "waiver-unused",
    title: "Every waiver matches a finding",
    why: "A waiver that matches nothing today hides the same violation if it comes back later.",
    severity: "warning",
    remedy: "Remove the waiver, or write its object and cluster as the report does.",
  },
  waiverLasting: {
    id: "waiver-lasting",
    title: "Every waiver expires within a year",
    why: "The reason for a waiver is forgotten over the years. To tolerate a violation for good, set the rule's severity.",
    severity: "warning",
    remedy: "Set an earlier expiry date, or set the rule's severity in the policy.",
  },
} as const satisfies Record<string, RuleMetadata>;

/** The engine's rules whose severity a policy may set. A failed rule is always an error. */
export const tunableEngineRules: readonly RuleMetadata[] = Object.values(engineRules).filter(
  (rule) => rule !== engineRules.ruleFailed,
);
