import type { Problem } from "../problem";
import { checkAddresses } from "./addresses";
import { checkBackups } from "./backups";
import { checkBrokers } from "./brokers";
import { checkEdgeAgents } from "./edge-agents";
import { checkExistingClusters } from "./existing-clusters";
import { checkLabelsAndTaints } from "./labels-and-taints";
import { checkLinks } from "./links";
import { checkNames } from "./names";
import { checkPrices } from "./prices";
import { checkReleases } from "./releases";
import { checkReferences } from "./references";
import type { FleetParts } from "./fleet-parts";
import { checkServers } from "./servers";
import { checkSiteSync } from "./site-sync";
import { checkUpgrades } from "./upgrades";
import { checkVersions } from "./versions";
import { checkWorkloads } from "./workloads";

/** Checks that the parts of a fleet are consistent with each other. */
export const checks: readonly ((fleet: FleetParts) => Problem[])[] = [
  checkNames,
  checkReferences,
  checkLinks,
  checkLabelsAndTaints,
  checkAddresses,
  checkServers,
  checkExistingClusters,
  checkReleases,
  checkBrokers,
  checkEdgeAgents,
  checkSiteSync,
  checkWorkloads,
  checkPrices,
  checkVersions,
  checkUpgrades,
  checkBackups,
];
