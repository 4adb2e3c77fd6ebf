import type { Problem } from "../problem";
import { checkAddresses } from "./addresses";
import { checkBrokers } from "./brokers";
import { checkLabelsAndTaints } from "./labels-and-taints";
import { checkLinks } from "./links";
import { checkNames } from "./names";
import { checkReferences } from "./references";
import type { Readable } from "./readable";
import { checkServers } from "./servers";
import { checkWorkloads } from "./workloads";

/** Everything that holds between the parts of a fleet. */
export const checks: readonly ((fleet: Readable) => Problem[])[] = [
  checkNames,
  checkReferences,
  checkLinks,
  checkLabelsAndTaints,
  checkAddresses,
  checkServers,
  checkBrokers,
  checkWorkloads,
];
