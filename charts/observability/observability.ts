import { ApiObject, Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { OWNED, SYSTEM_NAMESPACE } from "../system/namespaces";
import { ruleGroups } from "./alerts";
import { dashboards } from "./dashboards";
import { renderDashboard } from "./grafana";

/** Props of {@link ObservabilityChart}. */
export interface ObservabilityProps {
  /** Namespace of the objects, which must exist. @default "skerry-system" */
  readonly namespace?: string;
  /** Labels by which your Prometheus selects rules. @default {} */
  readonly ruleLabels?: Readonly<Record<string, string>>;
  /** Labels by which your Grafana finds dashboards. @default { grafana_dashboard: "1" } */
  readonly dashboardLabels?: Readonly<Record<string, string>>;
}

/**
 * Renders the dashboards as ConfigMaps, which the sidecar of Grafana's Helm chart loads, and the alert rules as a
 * `PrometheusRule`, for clusters with the Prometheus Operator. The fleet does not render it: add it to your own charts.
 *
 * @see docs/observability.md
 */
export class ObservabilityChart extends Chart {
  constructor(scope: Construct, id: string, props: ObservabilityProps = {}) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const { namespace = SYSTEM_NAMESPACE, ruleLabels = {}, dashboardLabels = { grafana_dashboard: "1" } } = props;
    for (const dashboard of dashboards) {
      new k8s.KubeConfigMap(this, dashboard.name, {
        metadata: { name: dashboard.name, namespace, labels: { ...dashboardLabels } },
        data: { [`${dashboard.name}.json`]: `${JSON.stringify(renderDashboard(dashboard), null, 2)}\n` },
      });
    }
    new ApiObject(this, "alerts", {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: { name: "skerry", namespace, labels: { ...ruleLabels } },
      spec: ruleGroups(),
    });
  }
}
