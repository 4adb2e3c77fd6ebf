/**
 * Renders a fleet to plain Kubernetes objects, per cluster. Needs no cloud and no state.
 *
 * @packageDocumentation
 */
export { AdmissionChart, type AdmissionProps } from "../charts/system/admission";
export { chartObjects } from "../charts/chart-objects";
export { DefinitionsChart } from "../charts/system/definitions";
export { EdgeAgent, type EdgeAgentProps } from "../charts/edge-data/edge-agent";
export { EdgeDataChart, type EdgeDataProps } from "../charts/edge-data/edge-data";
export { EdgeIngest, type EdgeIngestProps } from "../charts/edge-data/edge-ingest";
export { EdgeSchedulerChart, type EdgeSchedulerProps } from "../charts/system/edge-scheduler";
export { HardeningChart, type HardeningProps } from "../charts/system/hardening";
export { images } from "../charts/images";
export type { Sessions } from "../fleet/broker-memory";
export type { BridgeTopics } from "../charts/mqtt/broker-settings";
export type { PlaceBroker } from "../charts/mqtt/broker-placement";
export { MqttBroker, type MqttBrokerProps } from "../charts/mqtt/mqtt-broker";
export { MqttBrokersChart, type MqttBrokersProps } from "../charts/mqtt/mqtt-brokers";
export { clientSecret, MQTT_NAMESPACE, MQTT_PORT, serviceHost } from "../charts/mqtt/names";
export { type MqttSecret, mqttSecrets } from "../charts/mqtt/secrets";
export { NodeAgentChart, type NodeAgentProps } from "../charts/system/node-agent";
export { NodeControllerChart, type NodeControllerProps } from "../charts/system/node-controller";
export { NodePoolsChart } from "../charts/system/node-pools";
export { ObservabilityChart, type ObservabilityProps } from "../charts/observability/observability";
export { Outbox, type OutboxLimits, type OutboxProps } from "../charts/edge-data/outbox";
export type { Origin } from "../charts/origins";
export { regionLinks } from "../charts/system/region-links";
export { type RenderedCluster, renderFleet, type RenderOptions } from "../charts/render";
export { SiteSync, type SiteSyncProps } from "../charts/edge-data/site-sync";
export type { SchedulerConfigProps } from "../charts/system/scheduler-config";
export { NamespacesChart, type NamespacesProps, SYSTEM_NAMESPACE } from "../charts/system/namespaces";
export { type ChartTarget, defineCharts, type TeamCharts } from "../charts/team-charts";
export { WorkloadsChart, type WorkloadsProps } from "../charts/workloads/workloads";
export type * from "../fleet/kubernetes/plugin-args.generated";
export { UpgradeControllerChart, type UpgradeControllerProps } from "../charts/upgrades/controller";
