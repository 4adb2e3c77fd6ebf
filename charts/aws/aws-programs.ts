import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { stringify } from "yaml";

import { OWNED } from "../system/namespaces";
import { cloudControllerValues } from "./cloud-controller";
import { clusterAutoscalerValues } from "./cluster-autoscaler";
import { declareStorageClass, ebsCsiDriverValues, useHostNetwork } from "./ebs-csi-driver";
import {
  AWS_PROGRAMS,
  type AwsCluster,
  type AwsProgram,
  type AwsProgramOptions,
  type InstalledChart,
  programCharts,
} from "./programs";
import { terminationHandlerValues } from "./termination-handler";

/** Namespace in which K3s looks for charts. */
const NAMESPACE = "kube-system";

const valuesOf: Readonly<Record<AwsProgram, (cluster: AwsCluster) => object>> = {
  cloudController: cloudControllerValues,
  terminationHandler: terminationHandlerValues,
  ebsCsiDriver: ebsCsiDriverValues,
  clusterAutoscaler: clusterAutoscalerValues,
};

/** How a program is installed. */
export interface InstalledProgram extends Pick<AwsProgramOptions, "values"> {
  /** @default - the release of the project that this version of Skerry pins */
  readonly source?: InstalledChart;
}

/** Props of {@link AwsProgramsChart}. */
export interface AwsProgramsProps {
  readonly cluster: AwsCluster;
  /** The programs to install, where their charts come from, and their values. */
  readonly programs: Readonly<Partial<Record<AwsProgram, InstalledProgram>>>;
}

/**
 * Renders the programs that a cluster in AWS needs, as `HelmChart` objects of their projects' own charts. K3s renders and
 * installs them in the cluster, so their pods are not among the rendered objects.
 *
 * Options of a program are a `HelmChartConfig`, whose values Helm merges into those of the `HelmChart`.
 *
 * @see https://docs.k3s.io/add-ons/helm
 */
export class AwsProgramsChart extends Chart {
  constructor(scope: Construct, id: string, { cluster, programs }: AwsProgramsProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    for (const program of AWS_PROGRAMS) {
      const options = programs[program];
      if (options) this.install(program, cluster, options);
    }
    if (programs.ebsCsiDriver) {
      declareStorageClass(this, cluster);
      useHostNetwork(this);
    }
  }

  private install(program: AwsProgram, cluster: AwsCluster, { source, values }: InstalledProgram): void {
    const { name, source: pinned } = programCharts[program];
    const metadata = { name, namespace: NAMESPACE };
    const apiVersion = "helm.cattle.io/v1";
    new ApiObject(this, name, {
      apiVersion,
      kind: "HelmChart",
      metadata,
      spec: {
        ...(source ?? pinned),
        targetNamespace: NAMESPACE,
        valuesContent: stringify(valuesOf[program](cluster)),
        // The job that installs it runs on a server, in its network: it needs no other program of the cluster.
        bootstrap: true,
      },
    });
    if (values === undefined) return;
    new ApiObject(this, `${name}-config`, {
      apiVersion,
      kind: "HelmChartConfig",
      metadata,
      spec: { valuesContent: stringify(values) },
    });
  }
}
