import type { KubeObject } from "../../../../fleet/kubernetes/object";

/** What one rule says of examples: the unit tests hold it to them, and the API server's verdict is compared over them. */
export interface ObjectCases {
  /** Objects that keep the rule. At least one. */
  readonly kept: readonly KubeObject[];
  /** Objects that break it, each with the paths of all its violations, in order. At least one. */
  readonly broken: readonly { readonly object: KubeObject; readonly paths: readonly string[] }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** A container that keeps every rule, but for what is changed. */
export function container(changed: Fields = {}): Fields {
  return {
    name: "main",
    image: "registry.k8s.io/pause:3.10",
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "64Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    livenessProbe: { tcpSocket: { port: 8080 } },
    readinessProbe: { tcpSocket: { port: 8080 } },
    ...changed,
  };
}

/** An init container that keeps every rule, but for what is changed: it ends, so it has no probes. */
export function initContainer(changed: Fields = {}): Fields {
  const { livenessProbe: _live, readinessProbe: _ready, ...rest } = container(changed);
  return { ...rest, name: "setup" };
}

/** A pod's spec that keeps every rule, but for what is changed. */
export function podSpec(changed: Fields = {}): Fields {
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container()],
    ...changed,
  };
}

/** A pod's spec for Windows that keeps every rule, without the fields that the API server refuses there. */
export function windowsPodSpec(changed: Fields = {}): Fields {
  const { securityContext: _, ...main } = container();
  return podSpec({
    os: { name: "windows" },
    securityContext: { runAsNonRoot: true, windowsOptions: { runAsUserName: "ContainerUser" } },
    containers: [main],
    ...changed,
  });
}

/** Kinds that are a pod or have a pod template. */
export const WORKLOAD_KINDS = [
  "Pod",
  "Deployment",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
  "DaemonSet",
  "Job",
  "CronJob",
] as const;
export type WorkloadKind = (typeof WORKLOAD_KINDS)[number];

/** An object of a kind with a pod template around a pod's spec, whose pods have further labels. */
export function workload(kind: WorkloadKind, spec: Fields = podSpec(), podLabels: Fields = {}): KubeObject {
  const labels = { app: "example" };
  const metadata = { name: "example", namespace: "telemetry", labels };
  const template = { metadata: { labels: { ...labels, ...podLabels } }, spec };
  const selector = { matchLabels: labels };
  const ending = { ...template, spec: { restartPolicy: "Never", ...spec } };
  switch (kind) {
    case "Pod":
      return { apiVersion: "v1", kind, metadata: { ...metadata, ...template.metadata }, spec };
    case "ReplicationController":
      return { apiVersion: "v1", kind, metadata, spec: { replicas: 1, selector: labels, template } };
    case "ReplicaSet":
      return { apiVersion: "apps/v1", kind, metadata, spec: { replicas: 1, selector, template } };
    case "Job":
      return { apiVersion: "batch/v1", kind, metadata, spec: { template: ending } };
    case "CronJob":
      return {
        apiVersion: "batch/v1",
        kind,
        metadata,
        spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: ending } } },
      };
    case "DaemonSet":
      return { apiVersion: "apps/v1", kind, metadata, spec: { selector, template } };
    case "StatefulSet":
      return {
        apiVersion: "apps/v1",
        kind,
        metadata,
        spec: { replicas: 1, serviceName: "example", selector, template },
      };
    case "Deployment":
      return { apiVersion: "apps/v1", kind, metadata, spec: { replicas: 1, selector, template } };
  }
}

/** A ConfigMap with these entries. */
export function configMap(data: Fields, fields: Fields = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "example", namespace: "telemetry" },
    data,
    ...fields,
  };
}

/** Where a kind keeps its pod's spec, as paths say it. */
export const podPath = (kind: WorkloadKind): string =>
  kind === "Pod" ? "spec" : kind === "CronJob" ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";

/** A container's securityContext that keeps every rule, but for what is changed. */
export const securityContext = (changed: Fields): Fields => ({
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    ...changed,
  },
});

/** The same of a pod. */
export const podSecurityContext = (changed: Fields): Fields => ({
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: "RuntimeDefault" },
    ...changed,
  },
});
