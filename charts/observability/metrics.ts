/** A metric that a program exposes. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Labels, without those that Prometheus adds. @default [] */
  readonly labels?: readonly string[];
}

/** The metrics of a program. */
export interface ProgramMetrics {
  /** File below `runtime/` that defines them. A test compares. Absent for metrics of libraries. */
  readonly source?: string;
  readonly metrics: readonly Metric[];
}

type Names = readonly (string | readonly [name: string, ...labels: string[]])[];

const metric =
  (type: Metric["type"], prefix: string) =>
  (each: Names[number]): Metric => {
    const [name, ...labels] = typeof each === "string" ? [each] : each;
    return { name: `${prefix}${name}`, type, ...(labels.length > 0 && { labels }) };
  };

const list = (prefix: string, by: Partial<Record<Metric["type"], Names>>): Metric[] =>
  (["counter", "gauge", "histogram"] as const).flatMap((type) => (by[type] ?? []).map(metric(type, prefix)));

/**
 * The metrics that dashboards and alert rules may use, by program. Metrics of libraries are those of Kubernetes' scheduler and
 * of controller-runtime that are part of their documented interface.
 */
export const programMetrics = {
  "edge-agent": {
    source: "pkg/edgeagent/metrics.go",
    metrics: list("skerry_edge_agent_", {
      counter: [
        ["messages_appended_total", "class"],
        ["messages_refused_total", "class"],
        ["messages_acknowledged_total", "class"],
        ["messages_lost_total", "class", "reason"],
        ["messages_sent_total", "class", "lane"],
        ["messages_resent_total", "class"],
        ["sensor_readings_total", "sensor"],
        ["sensor_errors_total", "sensor"],
      ],
      gauge: [
        ["queue_depth", "class"],
        ["queue_bytes", "class"],
        ["queue_max_bytes", "class"],
        ["oldest_message_age_seconds", "class"],
        "last_acknowledgement_timestamp_seconds",
        "connected",
      ],
    }),
  },
  "edge-ingest": {
    source: "pkg/ingest/metrics.go",
    metrics: list("skerry_edge_ingest_", {
      counter: ["messages_total", "duplicates_total", ["rejected_total", "reason"]],
      gauge: ["last_commit_timestamp_seconds", "nodes", "gaps", "missing_messages", "connected"],
      histogram: ["commit_seconds"],
    }),
  },
  "site-sync": {
    source: "cmd/site-sync/http.go",
    metrics: list("skerry_site_sync_", {
      gauge: [["connected", "broker"], "records", "tombstones", ["conflicts", "reason"]],
    }),
  },
  "edge-scheduler": {
    source: "pkg/observe/metrics.go",
    metrics: list("skerry_scheduler_", {
      counter: [
        ["placements_total", "plugin", "reason"],
        ["rejections_total", "plugin", "reason"],
      ],
      histogram: [["usage_sample_age_seconds", "plugin"]],
    }),
  },
  "kube-scheduler": {
    metrics: list("scheduler_", {
      counter: [["schedule_attempts_total", "result", "profile"]],
      gauge: [["pending_pods", "queue"]],
      histogram: [["pod_scheduling_sli_duration_seconds", "attempts"]],
    }),
  },
  "node-controller": {
    source: "pkg/nodepool/metrics.go",
    metrics: list("skerry_node_controller_", { counter: ["node_updates_total"], gauge: ["unassigned_nodes"] }),
  },
  "measured links": {
    source: "pkg/measuredlinks/metrics.go",
    metrics: list("skerry_node_controller_", { gauge: [["region_pairs", "outcome"]] }),
  },
  "controller-runtime": {
    metrics: list("controller_runtime_", { counter: [["reconcile_errors_total", "controller"]] }),
  },
  "node-agent": {
    source: "pkg/nodeagent/metrics.go",
    metrics: list("skerry_node_agent_", {
      counter: ["publications_total", "failed_publications_total"],
      gauge: ["last_publication_timestamp_seconds"],
    }),
  },
} as const satisfies Readonly<Record<string, ProgramMetrics>>;

const SUFFIXES = { counter: [""], gauge: [""], histogram: ["_bucket", "_sum", "_count"] } as const;

/** Returns the names of the series that programs expose. */
export const seriesNames = (): string[] =>
  Object.values(programMetrics).flatMap(({ metrics }) =>
    metrics.flatMap(({ name, type }: Metric) => SUFFIXES[type].map((suffix) => `${name}${suffix}`)),
  );

/** A name in PromQL that is followed by neither `(` nor `=`, and has an underscore, is a series; labels and functions are not. */
const SERIES = /\b(?:skerry|scheduler|controller_runtime|workqueue|up)_[a-z0-9_]+\b/g;

/** Returns the series that an expression in PromQL names. */
export const seriesIn = (expression: string): string[] => [...new Set(expression.match(SERIES))];
