import { InvalidArgumentError } from "commander";

import { ALL_REGIONS, type DrillRequest } from "../../preview/drills/targets";

/** Forms of a report. */
export const FORMATS = ["table", "json", "markdown", "html"] as const;
export type Format = (typeof FORMATS)[number];

export interface PreviewOptions {
  readonly stack: string;
  readonly base?: string;
  readonly baseDir?: string;
  readonly headDir?: string;
  readonly from?: string;
  /** File that `skerry verify --format json` wrote. */
  readonly agreement?: string;
  readonly snapshot?: string;
  readonly live?: boolean;
  readonly drill?: readonly DrillRequest[];
  /** Whether to ask Pulumi for its plan. @default only for stack `local`, and only if the head is the working tree */
  readonly plan?: boolean;
  readonly rescheduleAll?: boolean;
  readonly seed: number;
  readonly format: Format;
  readonly output?: string;
  readonly reportUrl?: string;
}

/** Forms of an agreement. */
export const AGREEMENT_FORMATS = ["table", "json", "markdown"] as const;

export interface VerifyOptions {
  readonly snapshot?: string;
  readonly format: (typeof AGREEMENT_FORMATS)[number];
  readonly output?: string;
}

export interface MapOptions {
  readonly stack: string;
  readonly drill?: readonly DrillRequest[];
  readonly seed: number;
  readonly output: string;
}

/** Forms of an answer about pods. */
export const ANSWER_FORMATS = ["table", "json"] as const;

/** Options of a question about the fleet of a stack. */
export interface StackOptions {
  readonly stack: string;
  /** @default every cluster */
  readonly cluster?: string;
  readonly namespace?: string;
  readonly snapshot?: string;
  readonly live?: boolean;
  readonly seed: number;
  readonly format: (typeof ANSWER_FORMATS)[number];
}

export interface ExplainOptions extends StackOptions {
  readonly node?: string;
}

export interface FitOptions extends StackOptions {
  readonly max?: boolean;
  readonly addPool?: string;
}

const DRILL_FORMS = `must be ${ALL_REGIONS}, region=<name>, node=<name> or link=<region>:<region>`;

/** Parses `all-regions`, `region=tokyo`, `node=tokyo-gw-01` or `link=tokyo:osaka`, and adds it to those before. */
export function parseDrill(text: string, before: readonly DrillRequest[] = []): DrillRequest[] {
  if (text === ALL_REGIONS) return [...before, ALL_REGIONS];
  const [, kind, value] = /^(region|node|link)=(.+)$/.exec(text) ?? [];
  if (kind === undefined || value === undefined)
    throw new InvalidArgumentError(`${DRILL_FORMS}, got ${JSON.stringify(text)}`);
  if (kind !== "link") return [...before, { [kind]: value }];
  const [from, to, ...rest] = value.split(":");
  if (!from || !to || rest.length > 0) throw new InvalidArgumentError("must be link=<region>:<region>");
  return [...before, { link: { from, to } }];
}

/** Parses a seed: a whole number from 0 to 2^53 - 1. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError("must be a whole number from 0 to 9007199254740991");
  return seed;
}
