import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";

import { memoryMiB } from "../../fleet/kubernetes/quantity";
import { configHash } from "../config-hash";
import type { NodePoolSpec } from "../../fleet/model";
import { placeSystemProgram } from "./system-placement";
import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";
import { httpProbe } from "../http-probe";
import { grantLease, serviceAccount } from "./leader-election";
import { tcp, toDns, toKubernetesApi } from "../network";
import { SYSTEM_NAMESPACE } from "./namespaces";

/** Two replicas survive the loss of one server or pod. The lease decides which one is active. */
const REPLICAS = 2;

/** A ConfigMap in the system namespace, mounted as a folder. */
export interface MountedConfig {
  readonly name: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Files by name. @default - none: another program writes them */
  readonly data?: Readonly<Record<string, string>>;
  /** Whether the program reloads the files when they change, so a change does not restart the pods. @default false */
  readonly reloaded?: boolean;
}

/** Props of {@link SystemProgram}. */
export interface SystemProgramProps {
  /** Name of the Deployment, its container, its service account and its lease. */
  readonly name: string;
  readonly image: string;
  /** Arguments. Paths are relative to `workingDir`, so that the program also runs outside a container. */
  readonly args: readonly string[];
  /** @default the image's working directory */
  readonly workingDir?: string;
  /** Cluster-wide permissions. */
  readonly rules: readonly k8s.PolicyRule[];
  /** Health endpoints. */
  readonly health: {
    readonly port: number;
    readonly scheme: "HTTP" | "HTTPS";
    readonly live: string;
    readonly ready: string;
  };
  /** Ports that other pods may connect to, by name (at most 15 characters). */
  readonly ports: Readonly<Record<string, number>>;
  /** ConfigMaps to mount read-only. @default [] */
  readonly configs?: readonly MountedConfig[];
  /** CPU request, and memory request and limit. `GOMEMLIMIT` is 90 % of the memory limit. */
  readonly resources: { readonly cpu: string; readonly memory: string };
  /** Node pool that runs the program. @default the control-plane nodes */
  readonly pool?: NodePoolSpec;
}

/**
 * A program of Skerry that runs on the control-plane nodes: a Deployment of two replicas with leader election, its permissions,
 * network policy and disruption budget.
 */
export class SystemProgram extends Construct {
  constructor(scope: Construct, id: string, props: SystemProgramProps) {
    super(scope, id);
    const { name } = props;
    const labels = { "app.kubernetes.io/name": name };
    const metadata = { name, namespace: SYSTEM_NAMESPACE, labels };

    new k8s.KubeServiceAccount(this, "account", { metadata, automountServiceAccountToken: false });
    new k8s.KubeClusterRole(this, "role", { metadata: { name: `skerry-${name}`, labels }, rules: [...props.rules] });
    new k8s.KubeClusterRoleBinding(this, "binding", {
      metadata: { name: `skerry-${name}`, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: `skerry-${name}` },
      subjects: [serviceAccount(name)],
    });
    grantLease(this, name);
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: tcp(...new Set([props.health.port, ...Object.values(props.ports)])) }],
        egress: [toKubernetesApi, toDns],
      },
    });
    new k8s.KubePodDisruptionBudget(this, "budget", {
      metadata,
      spec: { maxUnavailable: k8s.IntOrString.fromNumber(1), selector: { matchLabels: labels } },
    });
    new k8s.KubeDeployment(this, "deployment", {
      metadata,
      spec: {
        replicas: REPLICAS,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: {
            maxSurge: k8s.IntOrString.fromNumber(1),
            maxUnavailable: k8s.IntOrString.fromNumber(0),
          },
        },
        template: {
          metadata: { labels, annotations: configHash(...dataReadAtStartup(props.configs ?? [])) },
          spec: podSpec(props, labels),
        },
      },
    });
  }
}

const dataReadAtStartup = (configs: readonly MountedConfig[]) =>
  configs.filter(({ reloaded = false }) => !reloaded).map(({ data = {} }) => data);

/** Returns a soft limit below the container's limit, so the program collects garbage before the kernel kills it. */
function goMemoryLimit(memory: string): string {
  const limit = memoryMiB(memory);
  if (limit === undefined) throw new RangeError(`memory: got "${memory}", must be a quantity above 0, such as 256Mi`);
  return `${Math.floor(limit * 0.9)}MiB`;
}

function podSpec(props: SystemProgramProps, labels: Record<string, string>): k8s.PodSpec {
  const configs = props.configs ?? [];
  const { live, ready, port, scheme } = props.health;
  return {
    serviceAccountName: props.name,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    ...placeSystemProgram(labels, props.pool),
    securityContext: restrictedPod(NONROOT),
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: props.name,
        image: props.image,
        imagePullPolicy: "IfNotPresent",
        workingDir: props.workingDir,
        args: [...props.args],
        env: [
          // The program listens only on the address of the pod.
          { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "GOMEMLIMIT", value: goMemoryLimit(props.resources.memory) },
        ],
        ports: Object.entries(props.ports).map(([name, containerPort]) => ({ name, containerPort })),
        startupProbe: httpProbe(live, port, { scheme, periodSeconds: 1, failureThreshold: 120 }),
        livenessProbe: httpProbe(live, port, { scheme, periodSeconds: 10 }),
        readinessProbe: httpProbe(ready, port, { scheme, periodSeconds: 10 }),
        resources: {
          requests: {
            cpu: k8s.Quantity.fromString(props.resources.cpu),
            memory: k8s.Quantity.fromString(props.resources.memory),
          },
          limits: { memory: k8s.Quantity.fromString(props.resources.memory) },
        },
        securityContext: restrictedContainer,
        volumeMounts: configs.map(({ name, path }) => ({ name, mountPath: path, readOnly: true })),
      },
    ],
    volumes: configs.map(({ name }) => ({ name, configMap: { name } })),
  };
}
