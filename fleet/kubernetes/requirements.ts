import { isLabelValue, isQualifiedName } from "../reading/forms";

export type Labels = Readonly<Record<string, string>>;

/** A condition on one label of a node or a pod. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = text.startsWith("+") ? BigInt(text.slice(1)) : BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/** Reports whether a requirement has a known operator, as many values as that takes, and a key and values of valid form. */
export function isValidRequirement({ key, operator, values }: Requirement): boolean {
  const all = values ?? [];
  if (!isQualifiedName(key) || !all.every(isLabelValue)) return false;
  switch (operator) {
    case "In":
    case "NotIn":
      return all.length > 0;
    case "Exists":
    case "DoesNotExist":
      return all.length === 0;
    case "Gt":
    case "Lt":
      return all.length === 1 && parseInt64(all[0]!) !== undefined;
    default:
      return false;
  }
}

function isMet(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && (values ?? []).includes(value);
    case "NotIn":
      return value === undefined || !(values ?? []).includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      const [number, bound] = [parseInt64(value ?? ""), parseInt64(values?.[0] ?? "")];
      if (number === undefined || bound === undefined) return false;
      return operator === "Gt" ? number > bound : number < bound;
    }
    default:
      return false;
  }
}

/**
 * Reports whether labels meet a requirement. Invalid ones are never met.
 *
 * @see k8s.io/apimachinery/pkg/labels, Requirement
 */
export function matchesRequirement(labels: Labels, requirement: Requirement): boolean {
  // Most nodes do not match, and need no validation.
  return isMet(labels, requirement) && isValidRequirement(requirement);
}
