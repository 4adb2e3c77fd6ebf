/**
 * Constructs that decide on which nodes the pods of a workload may run.
 *
 * @packageDocumentation
 */
export { Autonomous, type AutonomousProps } from "../placement/autonomous";
export { HighlyAvailable, type HighlyAvailableProps } from "../placement/highly-available";
export { AwayFrom, type AwayFromProps } from "../placement/away-from";
export { Dedicated, type DedicatedProps } from "../placement/dedicated";
export { type FleetScope, placeIn } from "../placement/fleet-scope";
export type {
  Domain,
  PlacementContext,
  NodeConstraint,
  PlacementConstraint,
  PodAffinityConstraint,
  ReachConstraint,
  SpreadConstraint,
  UnsatisfiableAction,
  ValueConstraint,
  VolumeConstraint,
} from "../placement/model/constraint";
export { NearRegion, type NearRegionProps } from "../placement/near-region";
export { OnDevice, type OnDeviceProps } from "../placement/on-device";
export { OnEveryNode, type OnEveryNodeProps } from "../placement/on-every-node";
export { OnNodePool, type OnNodePoolProps } from "../placement/on-node-pool";
export { Placement, type PlacementProps } from "../placement/placement";
export type { PodsOf } from "../placement/model/pods-of";
export { SpreadAcrossNodes, SpreadAcrossRegions, SpreadAcrossZones, type SpreadProps } from "../placement/spread";
export { TogetherWith, type TogetherWithProps } from "../placement/together-with";
export { WithDisk, type WithDiskProps } from "../placement/with-disk";
export { type ProfileClass, type ProfileWeights, WithProfile, type WithProfileProps } from "../placement/with-profile";
export { WithinRegion, type WithinRegionProps } from "../placement/within-region";
export type { Placeable } from "../placement/model/workload";
