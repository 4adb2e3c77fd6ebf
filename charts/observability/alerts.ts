/** An alert in Prometheus. */
export interface Alert {
  readonly name: string;
  /** PromQL. */
  readonly expression: string;
  /** How long the expression must hold. */
  readonly for: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  /** What it means and what to do. It may contain Prometheus' templates. */
  readonly description: string;
}

/** Alerts of one program. */
export interface AlertGroup {
  readonly name: string;
  readonly alerts: readonly Alert[];
}

const edgeAgent: AlertGroup = {
  name: "skerry-edge-agent",
  alerts: [
    {
      name: "EdgeMessagesLost",
      expression: "increase(skerry_edge_agent_messages_lost_total[1h]) > 0",
      for: "0m",
      severity: "critical",
      summary: "An edge agent lost messages that it had kept",
      description:
        "{{ $labels.instance }} lost {{ $value }} messages of class {{ $labels.class }} in an hour, because of {{ $labels.reason }}. Full and age: the outage exceeds what the outbox is sized for. Corrupt and torn: check the disk.",
    },
    {
      name: "EdgeMessagesRefused",
      expression: "increase(skerry_edge_agent_messages_refused_total[15m]) > 0",
      for: "0m",
      severity: "critical",
      summary: "An edge agent refuses messages",
      description:
        "The class {{ $labels.class }} of {{ $labels.instance }}, or its disk, is full. Devices must keep their messages.",
    },
    {
      name: "EdgeOutboxFillsUp",
      expression: "skerry_edge_agent_queue_bytes / skerry_edge_agent_queue_max_bytes > 0.8",
      for: "15m",
      severity: "warning",
      summary: "An outbox is more than 80 % full",
      description:
        "The class {{ $labels.class }} of {{ $labels.instance }} is {{ $value | humanizePercentage }} full. Restore the link to the cloud before it drops or refuses messages.",
    },
    {
      name: "EdgeMessagesOld",
      expression: "skerry_edge_agent_oldest_message_age_seconds > 86400",
      for: "15m",
      severity: "warning",
      summary: "A message has waited for more than a day",
      description:
        "The oldest message of class {{ $labels.class }} of {{ $labels.instance }} is {{ $value | humanizeDuration }} old.",
    },
    {
      name: "EdgeAgentDisconnected",
      expression: "skerry_edge_agent_connected == 0",
      for: "1h",
      severity: "warning",
      summary: "An edge agent is not connected to its broker",
      description:
        "{{ $labels.instance }} keeps its messages. Check the link of its region, the broker and the certificate.",
    },
    {
      name: "EdgeAcknowledgementsMissing",
      expression:
        "skerry_edge_agent_connected == 1 and time() - skerry_edge_agent_last_acknowledgement_timestamp_seconds > 900 and on (instance) sum by (instance) (skerry_edge_agent_queue_depth) > 0",
      for: "15m",
      severity: "critical",
      summary: "The cloud acknowledges no messages of a connected edge agent",
      description:
        "{{ $labels.instance }} sends messages, and nothing stores them or the acknowledgement does not come back. Check the ingest, the bridge and the access lists.",
    },
    {
      name: "EdgeSensorFails",
      expression:
        "increase(skerry_edge_agent_sensor_errors_total[15m]) > 0 unless increase(skerry_edge_agent_sensor_readings_total[15m]) > 0",
      for: "15m",
      severity: "warning",
      summary: "A sensor gives no readings",
      description: "All readings of sensor {{ $labels.sensor }} of {{ $labels.instance }} have failed for 15 minutes.",
    },
  ],
};

const edgeIngest: AlertGroup = {
  name: "skerry-edge-ingest",
  alerts: [
    {
      name: "EdgeIngestDisconnected",
      expression: "skerry_edge_ingest_connected == 0",
      for: "5m",
      severity: "critical",
      summary: "The ingest reaches its broker or its database no more",
      description: "{{ $labels.instance }} stores nothing. The messages wait at the edge.",
    },
    {
      name: "EdgeMessagesMissing",
      expression: "skerry_edge_ingest_missing_messages > 0",
      for: "1h",
      severity: "warning",
      summary: "Messages are missing in the database",
      description:
        "{{ $value }} messages are missing, which no node reported as lost. They arrive if their node still has them; a disk that was replaced leaves a gap.",
    },
    {
      name: "EdgeMessagesRejected",
      expression: "increase(skerry_edge_ingest_rejected_total[15m]) > 0",
      for: "0m",
      severity: "warning",
      summary: "The ingest put messages into quarantine",
      description: "{{ $value }} messages were rejected in 15 minutes, because of {{ $labels.reason }}.",
    },
    {
      name: "EdgeCommitsSlow",
      expression: "histogram_quantile(0.95, sum by (le) (rate(skerry_edge_ingest_commit_seconds_bucket[15m]))) > 1",
      for: "15m",
      severity: "warning",
      summary: "The database of the ingest is slow",
      description: "The 95th percentile of the duration of its transactions is {{ $value | humanizeDuration }}.",
    },
  ],
};

const siteSync: AlertGroup = {
  name: "skerry-site-sync",
  alerts: [
    {
      name: "SiteSyncDisconnected",
      expression: "skerry_site_sync_connected == 0",
      for: "1h",
      severity: "warning",
      summary: "The state of a site is not exchanged",
      description:
        "{{ $labels.instance }} has no connection to the broker of the {{ $labels.broker }}. Check the link, the broker and the certificate.",
    },
    {
      name: "SiteStateConflicts",
      expression: "delta(skerry_site_sync_conflicts[1h]) > 0",
      for: "0m",
      severity: "warning",
      summary: "Writes of a state lost to others",
      description:
        '{{ $labels.instance }} has logged {{ printf "%.0f" $value }} writes that lost in an hour, because of {{ $labels.reason }}. site-sync conflicts prints them with their values.',
    },
  ],
};

const edgeScheduler: AlertGroup = {
  name: "skerry-edge-scheduler",
  alerts: [
    {
      name: "EdgeSchedulerUsageOld",
      expression:
        "histogram_quantile(0.9, sum by (le) (rate(skerry_scheduler_usage_sample_age_seconds_bucket[30m]))) > 900",
      for: "30m",
      severity: "warning",
      summary: "Pods are placed by old samples of usage",
      description:
        "A tenth of the chosen nodes have samples older than {{ $value | humanizeDuration }}. Check the node agents. The scheduler falls back to requests.",
    },
    {
      name: "EdgeSchedulerPodsUnschedulable",
      expression: 'sum(scheduler_pending_pods{queue="unschedulable"}) > 0',
      for: "30m",
      severity: "warning",
      summary: "Pods fit on no node",
      description: "{{ $value }} pods have waited for 30 minutes. skerry status shows why.",
    },
    {
      name: "EdgeSchedulerErrors",
      expression: 'sum(rate(scheduler_schedule_attempts_total{result="error"}[15m])) > 0.1',
      for: "15m",
      severity: "critical",
      summary: "Scheduling attempts fail with errors",
      description: '{{ printf "%.2f" $value }} attempts per second fail. Check the log of the edge scheduler.',
    },
  ],
};

const nodeController: AlertGroup = {
  name: "skerry-node-controller",
  alerts: [
    {
      name: "NodesUnassigned",
      expression: "max(skerry_node_controller_unassigned_nodes) > 0",
      for: "1h",
      severity: "warning",
      summary: "Nodes belong to no pool",
      description: "Nodes that no node pool of the fleet selects: {{ $value }}. Remove them, or add them to a pool.",
    },
    {
      name: "NodeControllerErrors",
      expression: "sum by (controller) (rate(controller_runtime_reconcile_errors_total[15m])) > 0.1",
      for: "15m",
      severity: "critical",
      summary: "The node controller fails",
      description:
        'Controller {{ $labels.controller }} fails {{ printf "%.2f" $value }} times per second. Labels and taints of nodes may be wrong.',
    },
    {
      name: "LinksImplausible",
      expression: 'max(skerry_node_controller_region_pairs{outcome="implausible"}) > 0',
      for: "30m",
      severity: "warning",
      summary: "Nodes report round trips faster than light",
      description: "Pairs of regions: {{ $value }}. A clock, a coordinate of the fleet, or a node is wrong.",
    },
  ],
};

const nodeAgent: AlertGroup = {
  name: "skerry-node-agent",
  alerts: [
    {
      name: "NodeAgentSilent",
      expression: "time() - skerry_node_agent_last_publication_timestamp_seconds > 900",
      for: "15m",
      severity: "warning",
      summary: "A node agent publishes no profile",
      description: "{{ $labels.instance }} has published nothing for {{ $value | humanizeDuration }}.",
    },
    {
      name: "NodeAgentFails",
      expression:
        "rate(skerry_node_agent_failed_publications_total[30m]) > rate(skerry_node_agent_publications_total[30m])",
      for: "30m",
      severity: "warning",
      summary: "Most profiles of a node are refused",
      description: "The API server cannot be reached from {{ $labels.instance }}, or refuses its profile.",
    },
  ],
};

/** All alerts, by program. */
export const alertGroups: readonly AlertGroup[] = [
  edgeAgent,
  edgeIngest,
  siteSync,
  edgeScheduler,
  nodeController,
  nodeAgent,
];

/** Returns the groups in the form of a file of rules of Prometheus, and of the spec of a `PrometheusRule`. */
export function ruleGroups(): { readonly groups: readonly object[] } {
  return {
    groups: alertGroups.map(({ name, alerts }) => ({
      name,
      rules: alerts.map(({ name: alert, expression, for: duration, severity, summary, description }) => ({
        alert,
        expr: expression,
        for: duration,
        labels: { severity },
        annotations: { summary, description },
      })),
    })),
  };
}
