import { z } from "zod";

import { pluginArgs } from "./plugin-args";

/**
 * The configuration that the edge scheduler accepts: `kubescheduler.config.k8s.io/v1` as upstream validates it
 * (pkg/scheduler/apis/config/validation), with the arguments of Skerry's plugins.
 */

const range = (low: number, high: number): z.ZodNumber => {
  const rule = `must be from ${low} to ${high}`;
  return z.number().min(low, rule).max(high, rule);
};
const whole = (low: number, high: number): z.ZodNumber => range(low, high).int("must be a whole number");

const pluginConfig = z.strictObject({ name: z.string(), args: z.unknown() }).superRefine(({ name, args }, context) => {
  const type = pluginArgs.get(name);
  // A plugin without arguments uses its defaults.
  if (!type || args === undefined || args === null) return;
  for (const issue of type.safeParse(args).error?.issues ?? [])
    context.addIssue({ ...issue, path: ["args", ...issue.path] });
});

const plugin = z.strictObject({ name: z.string(), weight: whole(0, 1000).optional() });
const pluginSet = z.strictObject({ enabled: z.array(plugin).optional(), disabled: z.array(plugin).optional() });
const POINTS = [
  ...["preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit"],
  ...["preBind", "bind", "postBind", "multiPoint", "placementGenerate", "placementScore"],
];

const percentage = whole(0, 100).optional();

function findDuplicates(names: readonly (string | undefined)[]): number[] {
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []));
}

const profile = z
  .strictObject({
    schedulerName: z.string().min(1, "must not be empty").optional(),
    percentageOfNodesToScore: percentage,
    plugins: z.strictObject(Object.fromEntries(POINTS.map((point) => [point, pluginSet.optional()]))).optional(),
    pluginConfig: z.array(pluginConfig).optional(),
  })
  .superRefine(({ pluginConfig: configs = [] }, context) => {
    for (const index of findDuplicates(configs.map(({ name }) => name)))
      context.addIssue({
        code: "custom",
        path: ["pluginConfig", index, "name"],
        message: "must not occur twice",
      });
  });

/** `KubeSchedulerConfiguration`. Fields that upstream shares with other programs may hold any mapping. */
export const schedulerConfiguration = z
  .strictObject({
    apiVersion: z.literal("kubescheduler.config.k8s.io/v1"),
    kind: z.literal("KubeSchedulerConfiguration"),
    parallelism: whole(1, 2 ** 31 - 1).optional(),
    leaderElection: z.record(z.string(), z.unknown()).optional(),
    clientConnection: z.record(z.string(), z.unknown()).optional(),
    enableProfiling: z.boolean().optional(),
    enableContentionProfiling: z.boolean().optional(),
    percentageOfNodesToScore: percentage,
    podInitialBackoffSeconds: whole(1, 2 ** 31 - 1).optional(),
    podMaxBackoffSeconds: whole(1, 2 ** 31 - 1).optional(),
    profiles: z.array(profile).min(1, "must have at least one profile"),
    extenders: z.array(z.record(z.string(), z.unknown())).optional(),
    delayCacheUntilActive: z.boolean().optional(),
  })
  .superRefine(({ profiles }, context) => {
    for (const index of findDuplicates(profiles.map(({ schedulerName }) => schedulerName)))
      context.addIssue({
        code: "custom",
        path: ["profiles", index, "schedulerName"],
        message: "must not occur twice",
      });
  });
