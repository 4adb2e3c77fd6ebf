import { App, type Chart } from "cdk8s";

import { AwsProgramsChart, type InstalledProgram } from "../../../charts/aws/aws-programs";
import { EBS_SINCE_MINOR } from "../../../charts/aws/ebs-csi-driver";
import { AWS_PROGRAMS, type AwsProgram, type AwsProgramOptions } from "../../../charts/aws/programs";
import type { ClusterSpec } from "../../../fleet/model";
import type { Problem } from "../../../fleet/problem";
import { ChartArchiveProblem, isArchive, readChartArchive } from "./chart-archive";
import type { AwsMachinesArgs } from "./arguments";
import { clusterId } from "./names";
import { identityTags } from "./scope";
import { limitsOf, zoneNames } from "./sites";

/** Returns the programs to install in a cluster, with their options: those that it has a use for, unless they are off. */
export function programsOf(
  args: AwsMachinesArgs,
  cluster: ClusterSpec,
): Readonly<Partial<Record<AwsProgram, AwsProgramOptions>>> {
  const pools = cluster.nodePools.map((pool) => {
    const options = args.pools?.[`${cluster.name}/${pool.name}`] ?? {};
    return { ...limitsOf(pool, options), spot: options.spotPercentage ?? 0, region: pool.region };
  });
  const useful: Readonly<Record<AwsProgram, boolean>> = {
    cloudController: true,
    terminationHandler: pools.some(({ spot }) => spot > 0),
    ebsCsiDriver: true,
    // It sees the groups of one region.
    clusterAutoscaler: pools.some(({ min, max, region }) => max > min && region === cluster.homeRegion),
  };
  return Object.fromEntries(
    AWS_PROGRAMS.flatMap((program) => {
      const options = args.programs?.[program] ?? {};
      return options !== false && useful[program] ? [[program, options]] : [];
    }),
  );
}

/** Returns the options with the content of an archive. */
const readSource = ({ source, ...options }: AwsProgramOptions): InstalledProgram => ({
  ...options,
  ...(source && { source: isArchive(source) ? { chartContent: readChartArchive(source) } : source }),
});

/** Checks that the archives of programs exist and have their digests, with paths relative to the arguments. */
export const checkArchives = ({ programs = {} }: AwsMachinesArgs): Problem[] =>
  AWS_PROGRAMS.flatMap((program) => {
    const { source } = programs[program] || {};
    if (!source || !isArchive(source)) return [];
    try {
      readChartArchive(source);
      return [];
    } catch (error) {
      if (!(error instanceof ChartArchiveProblem)) throw error;
      return [{ path: `programs.${program}.source.${error.field}`, message: error.message }];
    }
  });

/** Renders the programs of a cluster. */
export function programCharts(args: AwsMachinesArgs, cluster: ClusterSpec): readonly Chart[] {
  const home = args.sites[cluster.homeRegion]!;
  return [
    new AwsProgramsChart(new App(), "aws-programs", {
      programs: Object.fromEntries(
        Object.entries(programsOf(args, cluster)).map(([program, options]) => [program, readSource(options)]),
      ),
      cluster: {
        id: clusterId(args, cluster.name),
        awsRegion: home.region,
        zones: zoneNames(home),
        servers: cluster.servers,
        taints: cluster.nodePools.flatMap(({ taints }) => taints),
        volumeTags: identityTags(args, cluster.name),
      },
    }),
  ];
}

/** Checks that the programs of a cluster can be installed in it. */
export function checkPrograms(args: AwsMachinesArgs, cluster: ClusterSpec): Problem[] {
  const programs = programsOf(args, cluster);
  const problems: Problem[] = [];
  if (programs.ebsCsiDriver && Number(cluster.kubernetesVersion.split(".")[1]) < EBS_SINCE_MINOR) {
    const message = `must be 1.${EBS_SINCE_MINOR} or later, got ${cluster.kubernetesVersion}: the EBS CSI driver needs a MutatingAdmissionPolicy; upgrade, or set programs.ebsCsiDriver of AwsMachines to false`;
    problems.push({ path: "kubernetesVersion", message });
  }
  const home = args.sites[cluster.homeRegion];
  if (home?.egress !== "endpoints") return problems;
  const remote = Object.entries(programs).flatMap(([program, { source, values }]) =>
    source && values ? [] : [`programs.${program}`],
  );
  if (remote.length > 0) {
    const message = `the network in ${home.region} has no internet: ${remote.join(", ")} of AwsMachines must be false, or have a source and values that name the chart and its images in a registry that the network reaches`;
    problems.push({ path: "homeRegion", message });
  }
  return problems;
}
