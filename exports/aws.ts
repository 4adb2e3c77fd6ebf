/**
 * Machines in AWS. Requires the package `@pulumi/aws`.
 *
 * @packageDocumentation
 */
export type {
  ApiAccess,
  AwsMachinesArgs,
  AwsPoolOptions,
  AwsPrograms,
  AwsSite,
  Egress,
  ExistingNetwork,
  ExistingSubnet,
  MachineImage,
} from "../components/nodes/aws/arguments";
export type { AwsProgramOptions, ChartArchive, ChartReference, ChartSource } from "../charts/aws/programs";
export { AwsMachines } from "../components/nodes/aws/machines";
export { type CostItem, monthlyCost } from "../components/nodes/aws/costs";
