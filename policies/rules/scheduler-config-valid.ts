import { createRequire } from "node:module";

import type * as yaml from "yaml";

import { pathText } from "../../fleet/problem";
import { shapeProblems } from "../../fleet/reading/shape-problems";
import type { ObjectRule, Violation } from "../engine/rule";
import type * as schema from "../kubernetes/scheduler-config";

const MARK = /^[ \t]*"?kind"?:[ \t]*"?KubeSchedulerConfiguration\b/m;

/** Field names to suggest for a misspelled one. */
const FIELDS = [
  ...["schedulerName", "plugins", "pluginConfig", "multiPoint", "enabled", "disabled", "name", "weight", "args"],
  ...["scale", "cpu", "memory", "memoryGB", "iops", "network", "networkGbps", "headroom", "trendHorizon", "data"],
  ...["freshFor", "clockSkew", "weights", "threshold", "whenMissing", "linksFile"],
  ...["leaderElection", "clientConnection", "percentageOfNodesToScore", "parallelism", "profiles", "extenders"],
];

function checkConfig(key: string, text: string): Violation[] {
  const path = pathText(["data", key]);
  const load = createRequire(__filename);
  const { LineCounter, parseDocument } = load("yaml") as typeof yaml;
  const { schedulerConfiguration } = load("../kubernetes/scheduler-config") as typeof schema;
  const document = parseDocument(text, { lineCounter: new LineCounter(), prettyErrors: true });
  const [error] = document.errors;
  if (error) return [{ path, message: `invalid YAML: ${error.message.split("\n")[0]!}` }];
  const config: unknown = document.toJS();
  const { error: invalid } = schedulerConfiguration.safeParse(config);
  return shapeProblems(invalid?.issues ?? [], config, () => FIELDS).map((problem) => ({
    path,
    message: `${problem.path || "the configuration"}: ${problem.message}`,
  }));
}

export const schedulerConfigValid: ObjectRule = {
  subject: "object",
  id: "scheduler-config-valid",
  title: "Scheduler configurations are valid",
  why: "A scheduler does not start with an invalid configuration, and the pods that use it stay Pending.",
  severity: "error",
  remedy: "Correct the field. The chart EdgeSchedulerChart renders such a file from typed arguments.",
  check({ apiVersion, kind, data }) {
    if (apiVersion !== "v1" || kind !== "ConfigMap") return [];
    return Object.entries((data ?? {}) as Record<string, unknown>).flatMap(([key, text]) =>
      typeof text === "string" && MARK.test(text) ? checkConfig(key, text) : [],
    );
  },
  noAdmission: "CEL cannot parse YAML inside a string.",
};
