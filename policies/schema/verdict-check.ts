import { skerryDefinitions } from "../../fleet/kubernetes/definitions";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatPath, formatValue } from "../../fleet/problem";
import type { Violation } from "../engine/rule";
import { schemaCheck, type SchemaFinding } from "./checker";
import { fieldSteps } from "./field-path";
import type { Cause, Validator, Verdict } from "./validator";
import { minorOf } from "./versions";

/** What a type of cause means, where its detail does not say it. Kubernetes' own words, but in the middle of a line. */
const TITLES: Readonly<Record<string, string>> = {
  UnknownField: "unknown field",
  DuplicateField: "is stated twice",
  FieldValueRequired: "required value",
  FieldValueDuplicate: "duplicate value",
  FieldValueNotFound: "not found",
  FieldValueForbidden: "forbidden",
  FieldValueTooLong: "too long",
  FieldValueTooMany: "too many",
};

/** Decoding refuses these; the rest of the object is as it was meant. */
const UNREAD = new Set(["UnknownField", "DuplicateField"]);

/** Keys whose values may be secret. */
const SECRET_KEY = /pass|secret|token|key|credential|auth/i;

function message(cause: Cause, steps: readonly PropertyKey[]): string {
  const { type = "", value, detail } = cause;
  const told =
    value !== undefined && value !== "null" && !/^[{[]/.test(value) && !SECRET_KEY.test(String(steps.at(-1)));
  const parts = [TITLES[type], detail].filter((each) => each !== undefined && each !== "");
  return `${told ? `got ${shownText(value)}, ` : ""}${parts.join(": ") || "invalid value"}`;
}

/** A value as the API server prints it, no longer than others are shown. */
function shownText(value: string): string {
  try {
    return formatValue(JSON.parse(value));
  } catch {
    return value;
  }
}

/** Finds objects' violations of the schema, when they are first asked for: most objects need none. */
function schemaViolations(minor: string, object: KubeObject, among: readonly KubeObject[]): readonly Violation[] {
  return schemaCheck(minor, [object], among)[0]!.violations;
}

/**
 * Checks objects by the API server's verdicts. The schema adds what it says better: which type a value must have, which
 * fields there are, and what an emulated version does not know yet.
 *
 * @returns undefined when the validator does not know the version
 */
export function verdictCheck(
  validator: Validator,
  minor: string,
  objects: readonly KubeObject[],
): readonly SchemaFinding[] | undefined {
  const answer = validator.verdicts(minor, objects, skerryDefinitions());
  if (!answer) return undefined;
  const emulated = minorOf(answer.release) !== minor;
  const verdicts = objects.map((object, index) => ({ object, verdict: answer.verdicts[index]! }));
  const unserved = verdicts.filter(({ verdict }) => verdict.outcome === "unserved").map(({ object }) => object);
  const served = verdicts.filter(({ verdict }) => verdict.outcome !== "unserved");
  return [
    ...schemaCheck(minor, unserved, objects),
    ...served.map(({ object, verdict }) => {
      if (verdict.outcome === "accepted" && !emulated) return { object, violations: [] };
      const bySchema = (): readonly Violation[] => schemaViolations(minor, object, objects);
      return { object, violations: violationsOf(object, verdict, emulated ? bySchema() : undefined, bySchema) };
    }),
  ];
}

function violationsOf(
  object: KubeObject,
  verdict: Verdict,
  emulated: readonly Violation[] | undefined,
  bySchema: () => readonly Violation[],
): readonly Violation[] {
  if (verdict.outcome === "accepted") return emulated ?? [];
  const { causes = [], message: whole } = verdict;
  if (causes.length === 0) {
    const found = bySchema();
    const refused = { path: "", message: failure(verdict, whole), refused: true } as const;
    return found.length > 0 ? found.map((each) => ({ ...each, refused: true })) : [refused];
  }
  const schema = emulated ?? (causes.some(({ type = "" }) => UNREAD.has(type)) ? bySchema() : []);
  const found = causes.map((cause): Violation => {
    const steps = fieldSteps(object, cause.field ?? "");
    const path = formatPath(steps);
    if (cause.type === "UnknownField")
      return schema.find((each) => each.path === path) ?? { path, message: "unknown field" };
    return { path, message: message(cause, steps), ...(!UNREAD.has(cause.type ?? "") && { refused: true }) };
  });
  const paths = new Set(found.map(({ path }) => path));
  return [...found, ...(emulated ?? []).filter(({ path }) => !paths.has(path))];
}

/** `Deployment in version "v1" cannot be handled as a Deployment: json: …` without what everybody knows. */
function failure({ outcome }: Verdict, text = ""): string {
  const what = text.split("\n")[0]!;
  if (outcome === "failed") return `the API server's own code fails on it: ${what}`;
  return what.replace(/^.* cannot be handled as a [^:]*: /, "cannot be read: ");
}
