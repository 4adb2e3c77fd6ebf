import { z } from "zod";

/**
 * What the edge scheduler takes as its configuration. The arguments of Skerry's plugins are those of
 * runtime/apis/config/v1 with the bounds of runtime/apis/config/validation; a test holds both to the same file. The rest
 * is `kubescheduler.config.k8s.io/v1` as far as upstream checks it (pkg/scheduler/apis/config/validation).
 */

/** Go's durations, as far as anybody writes them: `90s`, `1h30m`, `0s`. */
const DURATION = /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/;
const SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
const DAY = 24 * 3600;

function secondsOf(duration: string): number {
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g);
  return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * SECONDS[unit!]!, 0);
}

const duration = (least: number): z.ZodType<string> =>
  z
    .string()
    .refine(
      (text) => text === "0" || (DURATION.test(text) && secondsOf(text) >= least && secondsOf(text) <= DAY),
      `must be a duration between ${least}s and 24h, such as 90s`,
    );

const range = (low: number, high: number): z.ZodNumber => {
  const rule = `must be between ${low} and ${high}`;
  return z.number().min(low, rule).max(high, rule);
};
const above = (low: number, high = Number.MAX_VALUE): z.ZodNumber => {
  const rule = `must be greater than ${low}${high === Number.MAX_VALUE ? "" : ` and at most ${high}`}`;
  return z.number().gt(low, rule).max(high, rule);
};
const whole = (low: number, high: number): z.ZodNumber => range(low, high).int("must be an integer");

const data = z
  .strictObject({ freshFor: duration(1), clockSkew: duration(0) })
  .partial()
  .optional();
const head = <Kind extends string>(kind: Kind) => ({
  apiVersion: z.literal("config.skerry.dev/v1"),
  kind: z.literal(kind),
});

const weight = range(0, 1000).optional();
const threshold = above(0, 100).optional();

/** Arguments of Skerry's plugins, by the plugin's name. */
const PLUGIN_ARGS: Readonly<Record<string, z.ZodType>> = {
  EdgeProximity: z.strictObject({ ...head("EdgeProximityArgs"), linksFile: z.string().optional() }),
  ResourceProfile: z.strictObject({
    ...head("ResourceProfileArgs"),
    scale: z
      .strictObject({ cpu: above(0), memoryGB: above(0), iops: above(0), networkGbps: above(0) })
      .partial()
      .optional(),
    headroom: above(1, 1000).optional(),
    trendHorizon: duration(0).optional(),
    data,
  }),
  LoadAware: z.strictObject({
    ...head("LoadAwareArgs"),
    weights: z
      .strictObject({ cpu: weight, memory: weight, network: weight })
      .refine(
        ({ cpu = 0.4, memory = 0.4, network = 0.2 }) => cpu > 0 || memory > 0 || network > 0,
        "all are 0, allowed when at least one is above 0",
      )
      .optional(),
    threshold: z.strictObject({ cpu: threshold, memory: threshold, network: threshold }).optional(),
    whenMissing: z.enum(["Open", "Closed"]).optional(),
    data,
  }),
};

const pluginConfig = z.strictObject({ name: z.string(), args: z.unknown() }).superRefine(({ name, args }, context) => {
  const known = PLUGIN_ARGS[name];
  // Without arguments a plugin has its defaults.
  if (!known || args === undefined || args === null) return;
  for (const issue of known.safeParse(args).error?.issues ?? [])
    context.addIssue({ ...issue, path: ["args", ...issue.path] });
});

const plugin = z.strictObject({ name: z.string(), weight: whole(0, 1000).optional() });
const pluginSet = z.strictObject({ enabled: z.array(plugin).optional(), disabled: z.array(plugin).optional() });
const POINTS = [
  ...["preEnqueue", "queueSort", "preFilter", "filter", "postFilter", "preScore", "score", "reserve", "permit"],
  ...["preBind", "bind", "postBind", "multiPoint", "placementGenerate", "placementScore"],
];

const percentage = whole(0, 100).optional();

function doubled(names: readonly (string | undefined)[]): number[] {
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
    for (const index of doubled(configs.map(({ name }) => name)))
      context.addIssue({
        code: "custom",
        path: ["pluginConfig", index, "name"],
        message: "must not list a plugin twice",
      });
  });

/** `KubeSchedulerConfiguration`; of what upstream shares with other programs, only that it is a mapping is checked. */
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
    profiles: z.array(profile).min(1, "must not be empty"),
    extenders: z.array(z.record(z.string(), z.unknown())).optional(),
    delayCacheUntilActive: z.boolean().optional(),
  })
  .superRefine(({ profiles }, context) => {
    for (const index of doubled(profiles.map(({ schedulerName }) => schedulerName)))
      context.addIssue({
        code: "custom",
        path: ["profiles", index, "schedulerName"],
        message: "must be unique",
      });
  });
