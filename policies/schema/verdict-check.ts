import { skerryDefinitions } from "../../fleet/kubernetes/definitions";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { formatPath, formatValue } from "../../fleet/problem";
import type { Violation } from "../engine/rule";
import { checkSchema, type SchemaFinding } from "./checker";
import { parseFieldPath } from "./field-path";
import type { Cause, Validator, Verdict } from "./validator";
import { minorOf } from "./versions";

/** Messages of types of causes whose detail does not include them, in Kubernetes' words. */
const TITLES: Readonly<Record<string, string>> = {
  UnknownField: "unknown field",
  DuplicateField: "duplicate field",
  FieldValueRequired: "required value",
  FieldValueDuplicate: "duplicate value",
  FieldValueNotFound: "not found",
  FieldValueForbidden: "forbidden",
  FieldValueTooLong: "too long",
  FieldValueTooMany: "too many",
};

/** Errors of decoding. They do not affect the rest of the object. */
const DECODING_ERRORS = new Set(["UnknownField", "DuplicateField"]);

/** Keys whose values may be secret. */
const SECRET_KEY = /pass|secret|token|key|credential|auth/i;

function causeMessage(cause: Cause, steps: readonly PropertyKey[]): string {
  const { type = "", value, detail } = cause;
  const isShown =
    value !== undefined && value !== "null" && !/^[{[]/.test(value) && !SECRET_KEY.test(String(steps.at(-1)));
  const parts = [TITLES[type], detail].filter((each) => each !== undefined && each !== "");
  return `${isShown ? `got ${shortenValue(value)}, ` : ""}${parts.join(": ") || "invalid value"}`;
}

/** Shortens a value that the API server printed. */
function shortenValue(value: string): string {
  try {
    return formatValue(JSON.parse(value));
  } catch {
    return value;
  }
}

/** Returns the schema violations of one object. */
function schemaViolations(minor: string, object: KubeObject, among: readonly KubeObject[]): readonly Violation[] {
  return checkSchema(minor, [object], among)[0]!.violations;
}

/**
 * Checks objects with the API server's validation. The OpenAPI schema adds what it reports more precisely: the type of a
 * value, the available fields, and fields that an emulated version does not have yet.
 *
 * @returns undefined when the validator does not support the version
 */
export function checkVerdicts(
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
    ...checkSchema(minor, unserved, objects),
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
    const refused = { path: "", message: failureMessage(verdict, whole), refused: true } as const;
    return found.length > 0 ? found.map((each) => ({ ...each, refused: true })) : [refused];
  }
  const schema = emulated ?? (causes.some(({ type = "" }) => DECODING_ERRORS.has(type)) ? bySchema() : []);
  const found = causes.map((cause): Violation => {
    const steps = parseFieldPath(object, cause.field ?? "");
    const path = formatPath(steps);
    if (cause.type === "UnknownField")
      return schema.find((each) => each.path === path) ?? { path, message: "unknown field" };
    return {
      path,
      message: causeMessage(cause, steps),
      ...(!DECODING_ERRORS.has(cause.type ?? "") && { refused: true }),
    };
  });
  const paths = new Set(found.map(({ path }) => path));
  return [...found, ...(emulated ?? []).filter(({ path }) => !paths.has(path))];
}

/** Shortens a message without causes: `Deployment in version "v1" cannot be handled as a Deployment: json: …`. */
function failureMessage({ outcome }: Verdict, text = ""): string {
  const what = text.split("\n")[0]!;
  if (outcome === "failed") return `the API server's validation panics: ${what}`;
  return what.replace(/^.* cannot be handled as a [^:]*: /, "cannot be decoded: ");
}
