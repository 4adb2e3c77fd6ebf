import type { ClusterSource } from "../components/fleet";
import type { AwsMachinesArgs } from "../components/nodes/aws/arguments";
import { LabMachines } from "../components/nodes/lab/machines";
import type { FleetInput } from "../fleet/reading/schema";
import { readAwsConfig } from "./aws-config";
import { local } from "./local";
import { production, productionPools, productionSites } from "./production";
import { staging, stagingSites } from "./staging";

/** What the stacks of an environment deploy. */
export interface Environment {
  readonly fleet: FleetInput;
  readonly machines: ClusterSource;
}

/** Returns an environment in AWS, with the settings of the stack. */
function inAws(environment: string, fleet: FleetInput, args: Pick<AwsMachinesArgs, "sites" | "pools">): Environment {
  // Only stacks in AWS load its library, which takes a second.
  const { AwsMachines, snapshotBucketName } = require("../exports/aws") as typeof import("../exports/aws");
  const { k3sSha256, ...config } = readAwsConfig();
  const names = { fleet: fleet.name, environment, accountId: config.accountId };
  const clusters = fleet.clusters.map((cluster) => ({
    ...cluster,
    k3s: { ...cluster.k3s, sha256: k3sSha256 },
    backup: {
      s3: { bucket: snapshotBucketName(names, cluster.name), region: args.sites[cluster.homeRegion]!.region },
      ...cluster.backup,
    },
  }));
  return { fleet: { ...fleet, clusters }, machines: new AwsMachines({ ...names, ...args, ...config }) };
}

/** Environments by name. Add yours here, with its fleet in a separate file. Only that of the stack is called. */
export const environments: Readonly<Record<string, () => Environment>> = {
  local: () => ({ fleet: local, machines: new LabMachines() }),
  staging: () => inAws("staging", staging, { sites: stagingSites }),
  production: () => inAws("production", production, { sites: productionSites, pools: productionPools }),
};
