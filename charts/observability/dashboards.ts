/** Units of Grafana. */
type Unit = "short" | "bytes" | "s" | "ops" | "percentunit" | "dateTimeFromNow";

/** One chart or number of a dashboard. */
export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  /** PromQL by legend. */
  readonly series: Readonly<Record<string, string>>;
  /** @default "timeseries" */
  readonly type?: "timeseries" | "stat";
}

/** A dashboard. */
export interface Dashboard {
  /** Identifier in URLs, and name of its file. */
  readonly name: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

const INSTANCE = 'instance=~"$instance"';
const agent = (metric: string): string => `skerry_edge_agent_${metric}{${INSTANCE}}`;
const perSecond = (metric: string): string => `rate(${agent(metric)}[$__rate_interval])`;

const edgeData: Dashboard = {
  name: "skerry-edge-data",
  title: "Skerry: edge data",
  panels: [
    {
      title: "Agents that are not connected",
      description: "They keep their messages.",
      unit: "short",
      type: "stat",
      series: { agents: `count(${agent("connected")} == 0) or vector(0)` },
    },
    {
      title: "Messages that wait",
      description: "Depth of all outboxes: messages that the cloud has not acknowledged.",
      unit: "short",
      type: "stat",
      series: { messages: `sum(${agent("queue_depth")})` },
    },
    {
      title: "Messages lost in 24 hours",
      description: "Dropped because they were too old or did not fit, or destroyed by the disk.",
      unit: "short",
      type: "stat",
      series: { messages: `sum(increase(${agent("messages_lost_total")}[24h]))` },
    },
    {
      title: "Last commit of the ingest",
      description: "The cloud acknowledges messages after the commit.",
      unit: "dateTimeFromNow",
      type: "stat",
      series: { commit: "1000 * max(skerry_edge_ingest_last_commit_timestamp_seconds)" },
    },
    {
      title: "Oldest message that waits",
      description: "By agent and class.",
      unit: "s",
      series: { "{{instance}} {{class}}": agent("oldest_message_age_seconds") },
    },
    {
      title: "Depth of the outboxes",
      description: "By class.",
      unit: "short",
      series: { "{{class}}": `sum by (class) (${agent("queue_depth")})` },
    },
    {
      title: "Fullest outboxes",
      description: "Share of the space that a class may take.",
      unit: "percentunit",
      series: {
        "{{instance}} {{class}}": `topk(10, ${agent("queue_bytes")} / ${agent("queue_max_bytes")})`,
      },
    },
    {
      title: "Time since the cloud's last acknowledgement",
      description: "By agent.",
      unit: "s",
      series: { "{{instance}}": `time() - ${agent("last_acknowledgement_timestamp_seconds")}` },
    },
    {
      title: "Messages kept and acknowledged",
      description: "While the backlog drains, more are acknowledged than kept.",
      unit: "ops",
      series: {
        kept: `sum(${perSecond("messages_appended_total")})`,
        acknowledged: `sum(${perSecond("messages_acknowledged_total")})`,
        "sent again": `sum(${perSecond("messages_resent_total")})`,
      },
    },
    {
      title: "Messages sent, by lane",
      description: "Live messages are not delayed by the backlog.",
      unit: "ops",
      series: { "{{lane}}": `sum by (lane) (${perSecond("messages_sent_total")})` },
    },
    {
      title: "Messages lost and refused, by class",
      description: "Refused messages stay with their devices.",
      unit: "ops",
      series: {
        "lost: {{class}}, {{reason}}": `sum by (class, reason) (${perSecond("messages_lost_total")})`,
        "refused: {{class}}": `sum by (class) (${perSecond("messages_refused_total")})`,
      },
    },
    {
      title: "Sensors",
      description: "Readings per second, and those that failed.",
      unit: "ops",
      series: {
        "{{sensor}}": `sum by (sensor) (${perSecond("sensor_readings_total")})`,
        "{{sensor}} failed": `sum by (sensor) (${perSecond("sensor_errors_total")})`,
      },
    },
    {
      title: "Messages stored",
      description: "Duplicates are deliveries of messages that had been stored before.",
      unit: "ops",
      series: {
        stored: "sum(rate(skerry_edge_ingest_messages_total[$__rate_interval]))",
        duplicates: "sum(rate(skerry_edge_ingest_duplicates_total[$__rate_interval]))",
        "rejected: {{reason}}": "sum by (reason) (rate(skerry_edge_ingest_rejected_total[$__rate_interval]))",
      },
    },
    {
      title: "Duration of commits",
      description: "50th and 95th percentile.",
      unit: "s",
      series: Object.fromEntries(
        [0.5, 0.95].map((quantile) => [
          `${100 * quantile} %`,
          `histogram_quantile(${quantile}, sum by (le) (rate(skerry_edge_ingest_commit_seconds_bucket[$__rate_interval])))`,
        ]),
      ),
    },
    {
      title: "Messages missing in the database",
      description: "Messages, and the ranges that they form, which no node reported as lost.",
      unit: "short",
      series: { messages: "sum(skerry_edge_ingest_missing_messages)", ranges: "sum(skerry_edge_ingest_gaps)" },
    },
    {
      title: "Nodes that have sent messages",
      description: "Since the database exists.",
      unit: "short",
      series: { nodes: "max(skerry_edge_ingest_nodes)" },
    },
    {
      title: "Sites that are not connected",
      description: "Connections of site-sync, by the broker that is missing: that of the cloud or that of the site.",
      unit: "short",
      series: { "{{broker}}": "count by (broker) (skerry_site_sync_connected == 0) or vector(0)" },
    },
    {
      title: "Conflicts in the state of sites",
      description: "Writes in the logs of conflicts, by reason.",
      unit: "short",
      series: { "{{reason}}": "sum by (reason) (skerry_site_sync_conflicts)" },
    },
  ],
};

const scheduling: Dashboard = {
  name: "skerry-scheduling",
  title: "Skerry: scheduling and nodes",
  panels: [
    {
      title: "Pods that wait",
      description: "By queue of the scheduler.",
      unit: "short",
      series: { "{{queue}}": "sum by (queue) (scheduler_pending_pods)" },
    },
    {
      title: "Scheduling attempts",
      description: "By result.",
      unit: "ops",
      series: { "{{result}}": "sum by (result) (rate(scheduler_schedule_attempts_total[$__rate_interval]))" },
    },
    {
      title: "Time until a pod is scheduled",
      description: "95th percentile.",
      unit: "s",
      series: {
        "95 %":
          "histogram_quantile(0.95, sum by (le) (rate(scheduler_pod_scheduling_sli_duration_seconds_bucket[$__rate_interval])))",
      },
    },
    {
      title: "Placements by plugin and reason",
      description: "Why the chosen node was good.",
      unit: "ops",
      series: {
        "{{plugin}}: {{reason}}": "sum by (plugin, reason) (rate(skerry_scheduler_placements_total[$__rate_interval]))",
      },
    },
    {
      title: "Rejections by plugin and reason",
      description: "Why nodes were refused.",
      unit: "ops",
      series: {
        "{{plugin}}: {{reason}}": "sum by (plugin, reason) (rate(skerry_scheduler_rejections_total[$__rate_interval]))",
      },
    },
    {
      title: "Age of the usage that decided",
      description: "Samples of the chosen nodes, 50th and 90th percentile.",
      unit: "s",
      series: Object.fromEntries(
        [0.5, 0.9].map((quantile) => [
          `${100 * quantile} %`,
          `histogram_quantile(${quantile}, sum by (le) (rate(skerry_scheduler_usage_sample_age_seconds_bucket[$__rate_interval])))`,
        ]),
      ),
    },
    {
      title: "Profiles published",
      description: "By all node agents.",
      unit: "ops",
      series: {
        published: "sum(rate(skerry_node_agent_publications_total[$__rate_interval]))",
        failed: "sum(rate(skerry_node_agent_failed_publications_total[$__rate_interval]))",
      },
    },
    {
      title: "Oldest profiles",
      description: "Time since a node published its profile.",
      unit: "s",
      series: {
        "{{instance}}": "topk(10, time() - skerry_node_agent_last_publication_timestamp_seconds)",
      },
    },
    {
      title: "Measured pairs of regions",
      description: "Only those with the outcome measured become links.",
      unit: "short",
      series: { "{{outcome}}": "max by (outcome) (skerry_node_controller_region_pairs)" },
    },
    {
      title: "Nodes without a pool",
      description: "No node pool of the fleet selects them.",
      unit: "short",
      series: { nodes: "max(skerry_node_controller_unassigned_nodes)" },
    },
    {
      title: "Updates of nodes",
      description: "Labels, taints and annotations that the node controller corrected.",
      unit: "ops",
      series: {
        updates: "sum(rate(skerry_node_controller_node_updates_total[$__rate_interval]))",
        errors: "sum(rate(controller_runtime_reconcile_errors_total[$__rate_interval]))",
      },
    },
  ],
};

/** All dashboards. */
export const dashboards: readonly Dashboard[] = [edgeData, scheduling];
