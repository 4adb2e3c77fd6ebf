/**
 * A fleet as plain Kubernetes objects, per cluster, and the charts that they come from. No cloud, no state.
 *
 * @packageDocumentation
 */
export { AdmissionChart, type AdmissionProps } from "../charts/admission";
export { chartObjects } from "../charts/chart-objects";
export { DefinitionsChart } from "../charts/definitions";
export { EdgeSchedulerChart, type EdgeSchedulerProps } from "../charts/edge-scheduler";
export { images } from "../charts/images";
export { MqttBrokersChart, type MqttBrokersProps } from "../charts/mqtt-broker";
export { clientSecret, MQTT_NAMESPACE, MQTT_PORT, serviceHost } from "../charts/mqtt/names";
export { type MqttSecret, mqttSecrets } from "../charts/mqtt/secrets";
export { NodeControllerChart, type NodeControllerProps } from "../charts/node-controller";
export { NodePoolsChart } from "../charts/node-pools";
export type { Origin } from "../charts/origins";
export { regionLinks } from "../charts/region-links";
export { type RenderedCluster, renderFleet, type RenderOptions } from "../charts/render";
export type {
  DataArgs,
  EdgeProximityArgs,
  LoadAwareArgs,
  ResourceProfileArgs,
  SchedulerConfigProps,
} from "../charts/scheduler-config";
export { NamespacesChart, type NamespacesProps, SYSTEM_NAMESPACE } from "../charts/system";
export { WorkloadsChart, type WorkloadsProps } from "../charts/workloads";
