import type { KubeObject } from "../../fleet/kubernetes/object";

const REGIONS = ["tokyo", "osaka", "sydney"] as const;

/** Number of objects per service. Four of them create pods, as in a cluster with many small services. */
const OBJECTS_A_SERVICE = 10;

const meta = (name: string, namespace?: string) => ({
  metadata: { name, ...(namespace && { namespace }), labels: { "app.kubernetes.io/name": name } },
});

function pod(name: string, more: object = {}): object {
  const container = {
    name: "main",
    image: `registry.example/${name}:1.4.2`,
    ports: [{ name: "http", containerPort: 8080 }],
    env: [
      { name: "LOG_LEVEL", value: "info" },
      { name: "SETTINGS", valueFrom: { configMapKeyRef: { name, key: "settings.yaml" } } },
    ],
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "64Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    livenessProbe: { httpGet: { path: "/healthz", port: "http" } },
    readinessProbe: { httpGet: { path: "/healthz", port: "http" } },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
  return {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
    ...more,
  };
}

const apart = (name: string): object => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { "app.kubernetes.io/name": name } },
    },
  ],
});

function service(index: number): KubeObject[] {
  const name = `service-${index}`;
  const namespace = `team-${index % 50}`;
  const labels = { "app.kubernetes.io/name": name, "required-region": REGIONS[index % REGIONS.length]! };
  const matchLabels = { "app.kubernetes.io/name": name };
  const of = (kind: string, suffix: string, spec: object, template: object): KubeObject => ({
    apiVersion: kind === "Job" || kind === "CronJob" ? "batch/v1" : "apps/v1",
    kind,
    ...meta(`${name}${suffix}`, namespace),
    spec: kind === "CronJob" ? { ...spec, jobTemplate: { spec: { template } } } : { ...spec, template },
  });
  const running = { metadata: { labels }, spec: pod(name, { ...apart(name), schedulerName: "edge-scheduler" }) };
  const once = {
    metadata: { labels: { "app.kubernetes.io/name": `${name}-job` } },
    spec: pod(name, { restartPolicy: "Never" }),
  };
  return [
    of("Deployment", "", { replicas: 2, selector: { matchLabels } }, running),
    of("StatefulSet", "-store", { replicas: 2, serviceName: name, selector: { matchLabels } }, running),
    of("Job", "-setup", {}, once),
    of("CronJob", "-clean", { schedule: "0 3 * * *" }, once),
    {
      apiVersion: "v1",
      kind: "Service",
      ...meta(name, namespace),
      spec: { selector: matchLabels, ports: [{ port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      ...meta(name, namespace),
      data: { "settings.yaml": "level: info\ninterval: 10s\n" },
    },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      ...meta(`${name}-notes`, namespace),
      data: { "notes.txt": "nothing here\n" },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      ...meta(name, namespace),
      spec: { maxUnavailable: 1, selector: { matchLabels } },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      ...meta(name, namespace),
      spec: { podSelector: { matchLabels }, policyTypes: ["Ingress"], ingress: [{}] },
    },
    { apiVersion: "v1", kind: "ServiceAccount", ...meta(name, namespace), automountServiceAccountToken: false },
  ];
}

/** Node pools of `count` nodes each, which are large enough for all pods. */
function pools(count: number): KubeObject[] {
  return REGIONS.map((region) => ({
    apiVersion: "skerry.dev/v1alpha1",
    kind: "FleetNodePool",
    metadata: { name: `${region}-pi5` },
    spec: {
      selector: { registrationLabel: { key: "skerry.dev/node-pool", value: `${region}-pi5` } },
      labels: { "edge-region": region, "node-type": "edge-worker", "device-type": "raspberry-pi-5" },
      taints: [],
      capacity: { cpuCores: 4, memoryMiB: 8192, disk: "ssd", diskGiB: 64, iops: 1000, networkMbps: 1000 },
      count,
    },
  }));
}

/** Returns about `count` objects of one cluster. They violate almost no rule: the benchmark does not measure findings. */
export function objectsOf(count: number): KubeObject[] {
  const namespaces = Array.from({ length: 50 }, (_, index) => `team-${index}`);
  const around = [
    ...pools(count),
    ...namespaces.map((name): KubeObject => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    ...namespaces.map((namespace): KubeObject => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      ...meta("deny-all", namespace),
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    })),
  ];
  const services = Math.ceil((count - around.length) / OBJECTS_A_SERVICE);
  const all = Array.from({ length: services }, (_, index) => service(index)).flat();
  return [...around, ...all].slice(0, count);
}

/** Returns `count` objects like those of many repositories: valid by the schema, but in violation of most rules. */
export function careless(count: number): KubeObject[] {
  return Array.from({ length: count }, (_, index): KubeObject => {
    const name = `app-${index >> 1}`;
    const labels = { app: name };
    if (index % 2 === 1) {
      return { apiVersion: "v1", kind: "Service", ...meta(name), spec: { selector: labels, ports: [{ port: 80 }] } };
    }
    const container = { name: "main", image: `registry.example/${name}`, ports: [{ containerPort: 80 }] };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: 2, selector: { matchLabels: labels }, template };
    return { apiVersion: "apps/v1", kind: "Deployment", ...meta(name, "default"), spec };
  });
}
