/**
 * The fleet model, its parser, and reference data on devices, regions and links.
 *
 * @packageDocumentation
 */
export { cloudRegions } from "../fleet/cloud-regions";
export { defaults } from "../fleet/defaults";
export { type Device, deviceCapacity, devices } from "../fleet/devices";
export { type KubeObject, objectId } from "../fleet/kubernetes/object";
export { type PodTemplate, templateOf } from "../fleet/kubernetes/pod-template";
export { annotations, EDGE_SCHEDULER, labels, protectedLabels, taints, values } from "../fleet/labels";
export { distanceKm, estimateRtt, linkMatrix } from "../fleet/links";
export { type LoadResult, loadFleet } from "../fleet/reading/load";
export { MEASURED_BY, measuredLinks } from "../fleet/measured-links";
export { DAYS } from "../fleet/model";
export type {
  Backup,
  BackupBucket,
  Broker,
  BrokerClient,
  Canary,
  Capacity,
  CloudBroker,
  ClusterSpec,
  ClusterUpgrades,
  CredentialRotations,
  Day,
  DrainSettings,
  EdgeAgents,
  EdgeDatabase,
  EdgeSqlite,
  EdgeIngest,
  EdgeRelay,
  EdgeRoute,
  EdgeSensor,
  Fleet,
  FullPolicy,
  Hardening,
  HardeningException,
  JoinToken,
  K3sRelease,
  KubeconfigReference,
  Link,
  LinkBasis,
  MaintenanceWindow,
  ModbusSensor,
  NodePoolSpec,
  NodeRole,
  NodeSelection,
  OutboxClass,
  Prices,
  QueueLimits,
  Region,
  SimulatedSensor,
  SiteSync,
  Taint,
  UpgradeImages,
  UpgradePolicy,
  UpgradeWaveSpec,
  Workload,
  WorkloadPlacement,
  WorkloadResources,
} from "../fleet/model";
export { nodeLabels, nodeNames } from "../fleet/nodes";
export {
  type CheckResult,
  checkFleet,
  FleetError,
  parseFleet,
  type Problem,
  throwProblems,
} from "../fleet/reading/parse";
export { clustersFor, poolsFor } from "../fleet/placement-targets";
export { type FleetInput, fleetJsonSchema } from "../fleet/reading/schema";
export { type PlannedUpgrade, type PlannedWave, upgradeOrder, type UpgradeStage } from "../fleet/upgrades/order";
