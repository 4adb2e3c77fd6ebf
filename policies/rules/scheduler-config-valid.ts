import { createRequire } from "node:module";

import type * as yaml from "yaml";

import { formatPath } from "../../fleet/problem";
import { describeIssues } from "../../fleet/reading/shape-problems";
import type { ObjectRule, Violation } from "../engine/rule";
import type * as schema from "../kubernetes/scheduler-config";

const MARK = /^[ \t]*"?kind"?:[ \t]*"?KubeSchedulerConfiguration\b/m;

/** Names that a misspelt field may have meant. */
const FIELDS = [
  ...["schedulerName", "plugins", "pluginConfig", "multiPoint", "enabled", "disabled", "name", "weight", "args"],
  ...["scale", "cpu", "memory", "memoryGB", "iops", "network", "networkGbps", "headroom", "trendHorizon", "data"],
  ...["freshFor", "clockSkew", "weights", "threshold", "whenMissing", "linksFile"],
  ...["leaderElection", "clientConnection", "percentageOfNodesToScore", "parallelism", "profiles", "extenders"],
];

function problemsOf(key: string, text: string): Violation[] {
  const path = formatPath(["data", key]);
  const load = createRequire(__filename);
  const { LineCounter, parseDocument } = load("yaml") as typeof yaml;
  const { schedulerConfiguration } = load("../kubernetes/scheduler-config") as typeof schema;
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: true });
  const [error] = document.errors;
  if (error) return [{ path, message: `is no YAML: ${error.message.split("\n")[0]!}` }];
  const config: unknown = document.toJS();
  const { error: invalid } = schedulerConfiguration.safeParse(config);
  return describeIssues(invalid?.issues ?? [], config, () => FIELDS).map((problem) => ({
    path,
    message: `${problem.path || "the configuration"}: ${problem.message}`,
  }));
}

export const schedulerConfigValid: ObjectRule = {
  subject: "object",
  id: "scheduler-config-valid",
  title: "A scheduler's configuration has fields and values that the scheduler takes",
  why: "A scheduler that does not take its configuration stops at its start, and from then on no pod that asks for it is placed.",
  severity: "error",
  remedy: "Correct the field; charts/scheduler-config.ts writes such a file from typed arguments.",
  check({ apiVersion, kind, data }) {
    if (apiVersion !== "v1" || kind !== "ConfigMap") return [];
    return Object.entries((data ?? {}) as Record<string, unknown>).flatMap(([key, text]) =>
      typeof text === "string" && MARK.test(text) ? problemsOf(key, text) : [],
    );
  },
  noAdmission: "CEL cannot read YAML inside of a text.",
};
