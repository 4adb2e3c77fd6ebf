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

/** One change to a pod that kept every rule. */
export interface Mutation {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Rules that are broken then. */
  readonly breaks: readonly string[];
  /** Kinds in which they are kept all the same. @default none */
  readonly keptBy?: readonly WorkloadKind[];
}

const { automountServiceAccountToken: _, ...withoutToken } = podSpec();
const { livenessProbe: _live, readinessProbe: _ready, ...withoutProbes } = container();
const main = (changed: Readonly<Record<string, unknown>>) => podSpec({ containers: [container(changed)] });
const setup = (changed: Readonly<Record<string, unknown>>) => podSpec({ initContainers: [initContainer(changed)] });
const ENDING: readonly WorkloadKind[] = ["Job", "CronJob"];
const RESTRICTED = ["capabilities-dropped", "no-privilege-escalation", "read-only-root-filesystem"];

/** Single changes, each of which is made to every kind with a pod template. */
export const MUTATIONS: readonly Mutation[] = [
  { name: "as it is", spec: podSpec(), breaks: [] },
  { name: "no tag", spec: main({ image: "registry.k8s.io/pause" }), breaks: ["images-pinned"] },
  { name: "latest", spec: setup({ image: "localhost:5000/tools:latest" }), breaks: ["images-pinned"] },
  { name: "no image", spec: main({ image: "Not An Image" }), breaks: ["images-pinned"] },
  {
    name: "tolerates everything",
    spec: podSpec({ tolerations: [{ operator: "Exists" }] }),
    breaks: ["no-blanket-toleration"],
  },
  {
    name: "tolerates a device",
    spec: podSpec({ tolerations: [{ key: "device-type", value: "jetson-orin", effect: "NoSchedule" }] }),
    breaks: ["tolerated-devices-selected"],
    keptBy: ["DaemonSet"],
  },
  {
    name: "tolerates and demands a device",
    spec: podSpec({
      tolerations: [{ key: "device-type", value: "jetson-orin" }],
      nodeSelector: { "device-type": "jetson-orin" },
    }),
    breaks: [],
  },
  { name: "no resources", spec: main({ resources: {} }), breaks: ["requests-and-limits"] },
  {
    name: "no memory limit",
    spec: setup({ resources: { requests: { cpu: "1", memory: "1Gi" } } }),
    breaks: ["requests-and-limits"],
  },
  { name: "limits alone", spec: main({ resources: { limits: { cpu: "1", memory: "1Gi" } } }), breaks: [] },
  {
    name: "privileged",
    spec: main({ securityContext: { privileged: true } }),
    breaks: [...RESTRICTED, "no-privileged"],
  },
  { name: "no security context", spec: main({ securityContext: null }), breaks: RESTRICTED },
  {
    name: "no security context of the pod",
    spec: podSpec({ securityContext: {} }),
    breaks: ["run-as-non-root", "seccomp"],
  },
  { name: "root", spec: podSpec(podSecurityContext({ runAsUser: 0 })), breaks: ["run-as-non-root"] },
  { name: "root of a container", spec: main(securityContext({ runAsNonRoot: false })), breaks: ["run-as-non-root"] },
  { name: "unconfined", spec: main(securityContext({ seccompProfile: { type: "Unconfined" } })), breaks: ["seccomp"] },
  { name: "writable", spec: main(securityContext({ readOnlyRootFilesystem: null })), breaks: ["read-only-root-filesystem"] },
  {
    name: "escalating",
    spec: main(securityContext({ allowPrivilegeEscalation: true })),
    breaks: ["no-privilege-escalation"],
  },
  {
    name: "capable",
    spec: setup(securityContext({ capabilities: { drop: ["ALL"], add: ["SYS_TIME"] } })),
    breaks: ["capabilities-dropped"],
  },
  { name: "host network", spec: podSpec({ hostNetwork: true }), breaks: ["no-host-namespaces"] },
  { name: "host processes", spec: podSpec({ hostPID: true }), breaks: ["no-host-namespaces"] },
  { name: "host port", spec: main({ ports: [{ containerPort: 80, hostPort: 80 }] }), breaks: ["no-host-namespaces"] },
  {
    name: "host path",
    spec: podSpec({ volumes: [{ name: "run", hostPath: { path: "/run" } }] }),
    breaks: ["no-host-path"],
  },
  {
    name: "literal password",
    spec: main({ env: [{ name: "DB_PASSWORD", value: "hunter2" }] }),
    breaks: ["no-plain-secrets"],
  },
  { name: "password flag", spec: setup({ args: ["--password=hunter2"] }), breaks: ["no-plain-secrets"] },
  { name: "unknown scheduler", spec: podSpec({ schedulerName: "volcano" }), breaks: ["schedulers-exist"] },
  { name: "node's name", spec: podSpec({ nodeName: "tokyo-gw-01" }), breaks: ["no-node-name"], keptBy: ["Pod"] },
  { name: "token", spec: withoutToken, breaks: ["no-default-account-token"] },
  { name: "no probes", spec: podSpec({ containers: [withoutProbes] }), breaks: ["probes"], keptBy: ENDING },
  { name: "for Windows", spec: windowsPodSpec(), breaks: [] },
  {
    name: "nothing but an image, for Windows",
    spec: { os: { name: "windows" }, containers: [{ name: "main", image: "nginx" }] },
    breaks: ["no-default-account-token", "images-pinned", "probes", "requests-and-limits", "run-as-non-root"],
  },
  {
    name: "unsafe sysctl",
    spec: podSpec(podSecurityContext({ sysctls: [{ name: "kernel.msgmax", value: "65536" }] })),
    breaks: ["sysctls-safe"],
  },
  {
    name: "without SELinux",
    spec: podSpec(podSecurityContext({ seLinuxOptions: { type: "spc_t" } })),
    breaks: ["selinux-confined"],
  },
  {
    name: "without AppArmor",
    spec: setup(securityContext({ appArmorProfile: { type: "Unconfined" } })),
    breaks: ["apparmor-confined"],
  },
  {
    name: "unmasked",
    spec: podSpec({ hostUsers: false, containers: [container(securityContext({ procMount: "Unmasked" }))] }),
    breaks: ["proc-masked"],
  },
  {
    name: "probe of another host",
    spec: main({ livenessProbe: { httpGet: { port: 80, host: "169.254.169.254" } } }),
    breaks: ["no-handler-hosts"],
  },
  {
    name: "file server",
    spec: podSpec({ volumes: [{ name: "share", nfs: { server: "nas", path: "/" } }] }),
    breaks: ["volume-types"],
  },
  {
    name: "nothing but an image",
    spec: { containers: [{ name: "main", image: "nginx" }] },
    breaks: [
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

/** A mutation made to one kind, with the rules that it breaks there. */
export interface Mutant {
  readonly title: string;
  readonly object: KubeObject;
  readonly breaks: readonly string[];
}

export const MUTANTS: readonly Mutant[] = WORKLOAD_KINDS.flatMap((kind) =>
  MUTATIONS.map(({ name, spec, breaks, keptBy = [] }) => ({
    title: `${kind}: ${name}`,
    object: workload(kind, spec),
    breaks: keptBy.includes(kind) ? [] : breaks.filter((rule) => rule !== "probes" || !ENDING.includes(kind)).sort(),
  })),
);
