import type { KubeObject } from "../../../../fleet/kubernetes/object";
import { podSpec, workload } from "../cases/case";

type Fields = Readonly<Record<string, unknown>>;

/** Examples for a cluster rule. */
export interface ClusterCases {
  /** Clusters that comply with the rule, by description. */
  readonly valid: Readonly<Record<string, readonly KubeObject[]>>;
  /** Clusters that violate it, each with all violations: `Kind name path: message`. */
  readonly invalid: Readonly<
    Record<
      string,
      { readonly objects: readonly KubeObject[]; readonly violations: readonly string[]; readonly version?: string }
    >
  >;
}

/** Returns a node pool of Raspberry Pi 5 in Tokyo, except for the changes. */
export function pool(name: string, labels: Fields = {}, spec: Fields = {}): KubeObject {
  const region = typeof labels["edge-region"] === "string" ? labels["edge-region"] : "tokyo";
  return {
    apiVersion: "skerry.dev/v1alpha1",
    kind: "FleetNodePool",
    metadata: { name },
    spec: {
      selector: { registrationLabel: { key: "skerry.dev/node-pool", value: name } },
      labels: {
        "edge-region": region,
        "topology.kubernetes.io/region": region,
        "device-type": "raspberry-pi-5",
        "skerry.dev/node-pool": name,
        ...labels,
      },
      taints: [],
      capacity: { cpuCores: 4, memoryMiB: 8192 },
      count: 2,
      ...spec,
    },
  };
}

/** Returns a pool of gateways with a taint for IoT workloads. */
export const gateways = (name: string, labels: Fields = {}, spec: Fields = {}): KubeObject =>
  pool(
    name,
    { "device-type": "iot-gateway-x86", "edge-node-type": "iot-gateway", ...labels },
    { taints: [{ key: "dedicated", value: "iot", effect: "NoSchedule" }], ...spec },
  );

export const iot = { key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" };

/** Returns a workload with changes to its pod spec, metadata and spec. */
export function app(
  name: string,
  pod: Fields = {},
  {
    kind = "Deployment",
    labels = {},
    annotations,
    spec = {},
  }: {
    readonly kind?: Parameters<typeof workload>[0];
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: Fields;
  } = {},
): KubeObject {
  const made = workload(kind, podSpec(pod));
  const metadata = { ...made.metadata, name, labels: { app: name, ...labels }, ...(annotations && { annotations }) };
  if (kind === "Pod") return { ...made, metadata };
  const { spec: own } = made as unknown as {
    readonly spec: { readonly template: Fields; readonly jobTemplate: Fields };
  };
  const template = (of: Fields): Fields => ({ ...of, metadata });
  if (kind === "CronJob") {
    const { spec: job } = own.jobTemplate as { readonly spec: { readonly template: Fields } };
    return {
      ...made,
      metadata,
      spec: { ...own, jobTemplate: { spec: { template: template(job.template) } }, ...spec },
    };
  }
  return { ...made, metadata, spec: { ...own, template: template(own.template), ...spec } };
}

/** What a container requests. */
export const requests = (cpu: string, memory: string): Fields => ({
  containers: [{ name: "main", image: "registry.k8s.io/pause:3.10", resources: { requests: { cpu, memory } } }],
});
