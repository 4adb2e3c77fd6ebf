import type { KubeObject } from "../../../../fleet/kubernetes/object";
import {
  container,
  initContainer,
  podSecurityContext,
  podSpec,
  securityContext,
  windowsPodSpec,
  workload,
  WORKLOAD_KINDS,
  type WorkloadKind,
} from "./case";

/** One change to a pod that complies with every rule. */
export interface Mutation {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Rules that the changed pod violates. */
  readonly violates: readonly string[];
  /** Kinds for which the change violates no rule. @default none */
  readonly exempt?: readonly WorkloadKind[];
}

const { automountServiceAccountToken: _, ...withoutToken } = podSpec();
const { livenessProbe: _live, readinessProbe: _ready, ...withoutProbes } = container();
const main = (changed: Readonly<Record<string, unknown>>) => podSpec({ containers: [container(changed)] });
const setup = (changed: Readonly<Record<string, unknown>>) => podSpec({ initContainers: [initContainer(changed)] });
const ENDING: readonly WorkloadKind[] = ["Job", "CronJob"];
const RESTRICTED = ["capabilities-dropped", "no-privilege-escalation", "read-only-root-filesystem"];

/** Changes that are applied to every kind with a pod template. */
const MUTATIONS: readonly Mutation[] = [
  { name: "unchanged", spec: podSpec(), violates: [] },
  { name: "no tag", spec: main({ image: "registry.k8s.io/pause" }), violates: ["images-pinned"] },
  { name: "latest", spec: setup({ image: "localhost:5000/tools:latest" }), violates: ["images-pinned"] },
  { name: "no image", spec: main({ image: "Not An Image" }), violates: ["images-pinned"] },
  {
    name: "tolerates everything",
    spec: podSpec({ tolerations: [{ operator: "Exists" }] }),
    violates: ["no-blanket-toleration"],
  },
  {
    name: "tolerates a device",
    spec: podSpec({ tolerations: [{ key: "device-type", value: "jetson-orin", effect: "NoSchedule" }] }),
    violates: ["tolerated-devices-selected"],
    exempt: ["DaemonSet"],
  },
  {
    name: "tolerates and selects a device",
    spec: podSpec({
      tolerations: [{ key: "device-type", value: "jetson-orin" }],
      nodeSelector: { "device-type": "jetson-orin" },
    }),
    violates: [],
  },
  { name: "no resources", spec: main({ resources: {} }), violates: ["requests-and-limits"] },
  {
    name: "no memory limit",
    spec: setup({ resources: { requests: { cpu: "1", memory: "1Gi" } } }),
    violates: ["requests-and-limits"],
  },
  { name: "only limits", spec: main({ resources: { limits: { cpu: "1", memory: "1Gi" } } }), violates: [] },
  {
    name: "privileged",
    spec: main({ securityContext: { privileged: true } }),
    violates: [...RESTRICTED, "no-privileged"],
  },
  { name: "no security context", spec: main({ securityContext: null }), violates: RESTRICTED },
  {
    name: "no security context of the pod",
    spec: podSpec({ securityContext: {} }),
    violates: ["run-as-non-root", "seccomp"],
  },
  { name: "root", spec: podSpec(podSecurityContext({ runAsUser: 0 })), violates: ["run-as-non-root"] },
  { name: "root in a container", spec: main(securityContext({ runAsNonRoot: false })), violates: ["run-as-non-root"] },
  {
    name: "unconfined",
    spec: main(securityContext({ seccompProfile: { type: "Unconfined" } })),
    violates: ["seccomp"],
  },
  {
    name: "writable",
    spec: main(securityContext({ readOnlyRootFilesystem: null })),
    violates: ["read-only-root-filesystem"],
  },
  {
    name: "escalating",
    spec: main(securityContext({ allowPrivilegeEscalation: true })),
    violates: ["no-privilege-escalation"],
  },
  {
    name: "capable",
    spec: setup(securityContext({ capabilities: { drop: ["ALL"], add: ["SYS_TIME"] } })),
    violates: ["capabilities-dropped"],
  },
  { name: "host network", spec: podSpec({ hostNetwork: true }), violates: ["no-host-namespaces"] },
  { name: "host processes", spec: podSpec({ hostPID: true }), violates: ["no-host-namespaces"] },
  { name: "host port", spec: main({ ports: [{ containerPort: 80, hostPort: 80 }] }), violates: ["no-host-namespaces"] },
  {
    name: "host path",
    spec: podSpec({ volumes: [{ name: "run", hostPath: { path: "/run" } }] }),
    violates: ["no-host-path"],
  },
  {
    name: "literal password",
    spec: main({ env: [{ name: "DB_PASSWORD", value: "hunter2" }] }),
    violates: ["no-plain-secrets"],
  },
  { name: "password flag", spec: setup({ args: ["--password=hunter2"] }), violates: ["no-plain-secrets"] },
  { name: "unknown scheduler", spec: podSpec({ schedulerName: "volcano" }), violates: ["schedulers-exist"] },
  { name: "node name", spec: podSpec({ nodeName: "tokyo-gw-01" }), violates: ["no-node-name"], exempt: ["Pod"] },
  { name: "token", spec: withoutToken, violates: ["no-default-account-token"] },
  { name: "no probes", spec: podSpec({ containers: [withoutProbes] }), violates: ["probes"], exempt: ENDING },
  { name: "for Windows", spec: windowsPodSpec(), violates: [] },
  {
    name: "only an image, for Windows",
    spec: { os: { name: "windows" }, containers: [{ name: "main", image: "nginx" }] },
    violates: ["no-default-account-token", "images-pinned", "probes", "requests-and-limits", "run-as-non-root"],
  },
  {
    name: "unsafe sysctl",
    spec: podSpec(podSecurityContext({ sysctls: [{ name: "kernel.msgmax", value: "65536" }] })),
    violates: ["sysctls-safe"],
  },
  {
    name: "without SELinux",
    spec: podSpec(podSecurityContext({ seLinuxOptions: { type: "spc_t" } })),
    violates: ["selinux-confined"],
  },
  {
    name: "without AppArmor",
    spec: setup(securityContext({ appArmorProfile: { type: "Unconfined" } })),
    violates: ["apparmor-confined"],
  },
  {
    name: "unmasked",
    spec: podSpec({ hostUsers: false, containers: [container(securityContext({ procMount: "Unmasked" }))] }),
    violates: ["proc-masked"],
  },
  {
    name: "probe of another host",
    spec: main({ livenessProbe: { httpGet: { port: 80, host: "169.254.169.254" } } }),
    violates: ["no-handler-hosts"],
  },
  {
    name: "file server",
    spec: podSpec({ volumes: [{ name: "share", nfs: { server: "nas", path: "/" } }] }),
    violates: ["volume-types"],
  },
  {
    name: "only an image",
    spec: { containers: [{ name: "main", image: "nginx" }] },
    violates: [
      "no-default-account-token",
      "images-pinned",
      "probes",
      "requests-and-limits",
      "run-as-non-root",
      "seccomp",
      ...RESTRICTED,
    ],
  },
];

/** A mutation of one kind, with the rules that it violates. */
export interface Mutant {
  readonly title: string;
  readonly object: KubeObject;
  readonly violates: readonly string[];
}

export const MUTANTS: readonly Mutant[] = WORKLOAD_KINDS.flatMap((kind) =>
  MUTATIONS.map(({ name, spec, violates, exempt = [] }) => ({
    title: `${kind}: ${name}`,
    object: workload(kind, spec),
    violates: exempt.includes(kind)
      ? []
      : violates.filter((rule) => rule !== "probes" || !ENDING.includes(kind)).sort(),
  })),
);
