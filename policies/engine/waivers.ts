import type { Waiver } from "./policy";
import type { ObjectName } from "./report";

/** What a waiver is held against. */
export interface Found {
  /** The rule's id. */
  readonly rule: string;
  readonly cluster?: string;
  /** Absent for what the fleet itself states. */
  readonly object?: Pick<ObjectName, "kind" | "namespace" | "name">;
}

/** `Kind/name` or `Kind/namespace/name`, as waivers write it. */
export function waiverName({ kind, namespace, name }: NonNullable<Found["object"]>): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name].join("/");
}

/** Texts as a pattern has them: `*` stands for any text without a `/`. */
function like(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}

/** Whether a waiver speaks of what was found, whatever the day. Asked often, so the pattern is read once. */
export function coverage({ rule, object, cluster }: Waiver): (found: Found) => boolean {
  const names = object === undefined ? undefined : like(object);
  return (found) =>
    rule === found.rule &&
    (cluster === undefined || cluster === found.cluster) &&
    (names === undefined || (found.object !== undefined && names.test(waiverName(found.object))));
}

/** Whether a waiver's last day has passed. Days are written `2027-03-31`. */
export function isExpired({ expires }: Waiver, today: string): boolean {
  return today > expires;
}

/** Whether a waiver ends more than a year after today. */
export function isLasting({ expires }: Waiver, today: string): boolean {
  const [year, ...rest] = today.split("-");
  return expires > [String(Number(year) + 1).padStart(4, "0"), ...rest].join("-");
}

/** What a waiver tolerates, as messages say it. */
export function waiverText({ rule, object, cluster }: Waiver): string {
  return `${rule} for ${object ?? "everything"}${cluster === undefined ? "" : ` in ${cluster}`}`;
}
