import { k8s } from "cdk8s-plus-27";
import type { Taint, Workload } from "../../fleet/model";
import { createTolerations } from "../../fleet/kubernetes/tolerations";
import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";

/** Returns the labels that select the pods of a workload. */
export function workloadSelector(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/component": "workload" };
}

/**
 * Returns the pod spec of a workload: one container that can only write to `/tmp` and has no API token. Placement
 * constructs add the fields that decide where it runs.
 */
export function workloadPodSpec(name: string, workload: Workload, taints: readonly Taint[]): k8s.PodSpec {
  const { image, port, env, resources } = workload;
  const cpu = k8s.Quantity.fromString(resources.cpu);
  const memory = k8s.Quantity.fromString(resources.memory);
  const httpGet = { path: "/healthz", port: k8s.IntOrString.fromString("http") };
  return {
    tolerations: createTolerations(taints),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: restrictedPod(NONROOT),
    containers: [
      {
        name,
        image,
        imagePullPolicy: "IfNotPresent",
        ports: [{ name: "http", containerPort: port }],
        env: Object.keys(env)
          .sort()
          .map((key) => ({ name: key, value: env[key] })),
        startupProbe: { httpGet, periodSeconds: 5, failureThreshold: 30 },
        livenessProbe: { httpGet, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
        readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5 },
        resources: { requests: { cpu, memory }, limits: { memory } },
        securityContext: restrictedContainer,
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: k8s.Quantity.fromString("64Mi") } }],
  };
}
