/**
 * Machines in AWS. Requires the package `@pulumi/aws`.
 *
 * @packageDocumentation
 */
export type {
  ApiAccess,
  AwsMachinesArgs,
  AwsPoolOptions,
  AwsSite,
  Egress,
  ExistingNetwork,
  ExistingSubnet,
  MachineImage,
} from "../components/nodes/aws/arguments";
export { AwsMachines } from "../components/nodes/aws/machines";
export { snapshotBucketName } from "../components/nodes/aws/names";
export { type CostItem, monthlyCost } from "../components/nodes/aws/costs";
