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

/** A pod's spec that keeps every rule, but for what is changed. */
export function podSpec(changed: Fields = {}): Fields {
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container()],
    ...changed,
  };
}

/** An object of a kind with a pod template around a pod's spec. */
export function workload(
  kind: "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob",
  spec: Fields = podSpec(),
): KubeObject {
  const metadata = { name: "example", namespace: "telemetry", labels: { app: "example" } };
  const template = { metadata: { labels: metadata.labels }, spec };
  const selector = { matchLabels: metadata.labels };
  const ending = { ...template, spec: { restartPolicy: "Never", ...spec } };
  switch (kind) {
    case "Pod":
      return { apiVersion: "v1", kind, metadata, spec };
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
