import { k8s } from "cdk8s-plus-27";

import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";
import { httpProbe } from "../http-probe";
import { MQTT_PORT } from "../mqtt/names";

/** What the pods of all programs of edge data have in common. They have 30 s to finish and acknowledge what they received. */
export const edgePod = {
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  securityContext: restrictedPod(NONROOT),
  terminationGracePeriodSeconds: 30,
} as const satisfies Partial<k8s.PodSpec>;

/** The container of a program of edge data. */
interface EdgeContainer {
  readonly name: string;
  readonly image: string;
  /** Arguments, apart from `--http-address`. */
  readonly args: readonly string[];
  /** Port of health and metrics. */
  readonly httpPort: number;
  /** @default - none but `httpPort` */
  readonly ports?: readonly k8s.ContainerPort[];
  readonly probeSeconds: number;
  readonly cpu: string;
  readonly memory: string;
  /** A soft limit below `memory`, at which the program collects garbage before the kernel kills it. */
  readonly goMemoryLimit: string;
  readonly volumeMounts: readonly k8s.VolumeMount[];
}

/** Returns a restricted container that serves `/healthz`, `/readyz` and `/metrics` at the address of its pod. */
export function edgeContainer(program: EdgeContainer): k8s.Container {
  const { name, image, args, httpPort, ports = [], probeSeconds, cpu, memory, goMemoryLimit, volumeMounts } = program;
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    args: [...args, `--http-address=$(POD_IP):${httpPort}`],
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "GOMEMLIMIT", value: goMemoryLimit },
    ],
    ports: [{ name: "http", containerPort: httpPort }, ...ports],
    livenessProbe: httpProbe("/healthz", "http", { periodSeconds: probeSeconds }),
    readinessProbe: httpProbe("/readyz", "http", { periodSeconds: probeSeconds }),
    resources: {
      requests: { cpu: k8s.Quantity.fromString(cpu), memory: k8s.Quantity.fromString(memory) },
      limits: { memory: k8s.Quantity.fromString(memory) },
    },
    securityContext: restrictedContainer,
    volumeMounts: [...volumeMounts],
  };
}

/**
 * Mounts Secrets with certificates.
 *
 * @param secrets names of Secrets, by the folder at the root at which each is mounted
 */
export function mountSecrets(secrets: Readonly<Record<string, string>>): {
  readonly mounts: readonly k8s.VolumeMount[];
  readonly volumes: readonly k8s.Volume[];
} {
  const volumeName = (path: string): string => path.slice(1);
  return {
    mounts: Object.keys(secrets).map((path) => ({ name: volumeName(path), mountPath: path, readOnly: true })),
    volumes: Object.entries(secrets).map(([path, secretName]) => ({
      name: volumeName(path),
      secret: { secretName, defaultMode: 0o440 },
    })),
  };
}

/**
 * Returns the flags of a connection to a broker.
 *
 * @param tls folder with the certificate of the client
 * @param prefix of the names of the flags. @default - none
 */
export const brokerFlags = (host: string, clientId: string, tls: string, prefix = ""): string[] => [
  `--${prefix}broker=mqtts://${host}:${MQTT_PORT}`,
  `--${prefix}client-id=${clientId}`,
  `--${prefix}ca-file=${tls}/ca.crt`,
  `--${prefix}cert-file=${tls}/tls.crt`,
  `--${prefix}key-file=${tls}/tls.key`,
];
