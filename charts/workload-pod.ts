import { k8s } from "cdk8s-plus-27";
import type { Workload } from "../fleet/model";
import { NONROOT, restrictedContainer, restrictedPod } from "./hardening";

/** Where a pod may run, as far as its own fields say. */
export type PodPlacement = Pick<
  k8s.PodSpec,
  "schedulerName" | "nodeSelector" | "affinity" | "tolerations" | "topologySpreadConstraints"
>;

/** The pod of a workload: one container that can write to `/tmp` alone, and knows nothing of the Kubernetes API. */
export function workloadPod(name: string, workload: Workload, placement: PodPlacement): k8s.PodSpec {
  const { image, port, env, resources } = workload;
  const cpu = k8s.Quantity.fromString(resources.cpu);
  const memory = k8s.Quantity.fromString(resources.memory);
  const httpGet = { path: "/healthz", port: k8s.IntOrString.fromString("http") };
  return {
    ...placement,
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
