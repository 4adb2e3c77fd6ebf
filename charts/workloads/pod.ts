import { k8s } from "cdk8s-plus-27";
import type { Taint, Workload } from "../../fleet/model";
import { createTolerations } from "../../fleet/kubernetes/tolerations";
import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";

/**
 * The pod of a workload: one container that can write to `/tmp` alone, and knows nothing of the Kubernetes API. Where it
 * runs is for placements to add.
 */
export function workloadPod(name: string, workload: Workload, tolerated: readonly Taint[]): k8s.PodSpec {
  const { image, port, env, resources } = workload;
  const cpu = k8s.Quantity.fromString(resources.cpu);
  const memory = k8s.Quantity.fromString(resources.memory);
  const httpGet = { path: "/healthz", port: k8s.IntOrString.fromString("http") };
  return {
    tolerations: createTolerations(tolerated),
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
