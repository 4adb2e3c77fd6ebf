import type { KubeObject } from "../../../../fleet/kubernetes/object";

/** Examples for a rule. The unit tests check the rule, and the e2e tests check the API server's verdict. */
export interface ObjectCases {
  /** Objects that comply with the rule. At least one. */
  readonly valid: readonly KubeObject[];
  /** Objects that violate it, each with the paths of all violations, in order. At least one. */
  readonly invalid: readonly { readonly object: KubeObject; readonly paths: readonly string[] }[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Returns a container that complies with every rule, except for the changes. */
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

/** Returns an init container that complies with every rule, except for the changes. It has no probes, because it ends. */
export function initContainer(changed: Fields = {}): Fields {
  const { livenessProbe: _live, readinessProbe: _ready, ...rest } = container(changed);
  return { ...rest, name: "setup" };
}

/** Returns a pod spec that complies with every rule, except for the changes. */
export function podSpec(changed: Fields = {}): Fields {
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container()],
    ...changed,
  };
}

/** Returns a pod spec for Windows that complies with every rule, without the fields that the API server rejects there. */
export function windowsPodSpec(changed: Fields = {}): Fields {
  const { securityContext: _, ...main } = container();
  return podSpec({
    os: { name: "windows" },
    securityContext: { runAsNonRoot: true, windowsOptions: { runAsUserName: "ContainerUser" } },
    containers: [main],
    ...changed,
  });
}

/** Pod and the kinds with a pod template. */
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

/** Returns an object of the given kind with a pod spec and additional pod labels. */
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

/** Returns a ConfigMap with the given data. */
export function configMap(data: Fields, fields: Fields = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "example", namespace: "telemetry" },
    data,
    ...fields,
  };
}

/** Returns the path of the pod spec in a kind. */
export const podPath = (kind: WorkloadKind): string =>
  kind === "Pod" ? "spec" : kind === "CronJob" ? "spec.jobTemplate.spec.template.spec" : "spec.template.spec";

/** Returns a container's securityContext that complies with every rule, except for the changes. */
export const securityContext = (changed: Fields): Fields => ({
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    ...changed,
  },
});

/** Returns a pod's securityContext that complies with every rule, except for the changes. */
export const podSecurityContext = (changed: Fields): Fields => ({
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: "RuntimeDefault" },
    ...changed,
  },
});
