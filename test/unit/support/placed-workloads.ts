import { ApiObject, Cron, type Chart } from "cdk8s";
import * as plus from "cdk8s-plus-27";
import type { Construct } from "constructs";

import { workloadPodSpec } from "../../../charts/workloads/pod";
import type { Workload } from "../../../fleet/model";

/** The kinds of workloads that the tests place. */
export const KINDS = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"] as const;
export type Kind = (typeof KINDS)[number];

const program: Workload = {
  namespace: "default",
  image: "ghcr.io/example/program:1.0.0",
  placement: { kind: "anywhere", replicas: 1 },
  resources: { cpu: "10m", memory: "16Mi" },
  port: 8080,
  env: {},
  tolerations: [],
};

/** Creates a workload as an ApiObject, with the pod of Skerry's charts, so that checks report only problems of placements. */
export function rawWorkload(chart: Chart, kind: Kind, name: string = kind.toLowerCase()): ApiObject {
  const labels = { "app.kubernetes.io/name": name };
  const batch = kind === "Job" || kind === "CronJob";
  const pod = plus.k8s.KubePod.manifest({ spec: workloadPodSpec(name, program, []) }) as { spec: object };
  const spec = { ...pod.spec, ...(batch && { restartPolicy: "Never" }) };
  const template = { metadata: { labels }, spec };
  const selected = { selector: { matchLabels: labels }, template };
  const specs = {
    Deployment: selected,
    StatefulSet: { ...selected, serviceName: name },
    DaemonSet: selected,
    Job: { template },
    CronJob: { schedule: "0 3 * * *", jobTemplate: { spec: { template } } },
  };
  return new ApiObject(chart, name, {
    apiVersion: batch ? "batch/v1" : "apps/v1",
    kind,
    metadata: { name, namespace: program.namespace, labels },
    spec: specs[kind],
  });
}

/** Creates a workload of cdk8s-plus. */
export function plusWorkload(chart: Chart, kind: Kind): Construct {
  const props = { containers: [{ image: program.image, portNumber: 8080 }] };
  switch (kind) {
    case "Deployment":
      return new plus.Deployment(chart, kind, props);
    case "StatefulSet":
      return new plus.StatefulSet(chart, kind, props);
    case "DaemonSet":
      return new plus.DaemonSet(chart, kind, props);
    case "Job":
      return new plus.Job(chart, kind, props);
    case "CronJob":
      return new plus.CronJob(chart, kind, { ...props, schedule: Cron.daily() });
  }
}
