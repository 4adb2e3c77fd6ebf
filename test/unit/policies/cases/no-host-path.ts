import { container, type ObjectCases, podSpec, workload } from "./case";

const mounts = (path: string) =>
  podSpec({
    volumes: [
      { name: "tmp", emptyDir: {} },
      { name: "data", hostPath: { path } },
    ],
  });

/** A pod whose containers mount the node's /sys. */
const reads = (...mounts: readonly object[]) =>
  podSpec({
    containers: mounts.map((mount, index) =>
      container({ name: `c${index}`, volumeMounts: [{ name: "sys", mountPath: "/host/sys", ...mount }] }),
    ),
    volumes: [{ name: "sys", hostPath: { path: "/sys" } }],
  });

const offered = (spec: object) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "example" },
  spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...spec },
});

export const noHostPath: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("StatefulSet", podSpec({ volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] })),
    workload("DaemonSet", mounts("/var/lib/skerry/volumes/cache")),
    offered({ hostPath: { path: "/var/lib/skerry/volumes/cache" } }),
    offered({ local: { path: "/mnt/disks/ssd1" } }),
    workload("DaemonSet", reads({ readOnly: true })),
  ],
  invalid: [
    {
      object: workload("DaemonSet", reads({ readOnly: true }, {})),
      paths: ["spec.template.spec.volumes[0].hostPath.path"],
    },
    { object: offered({ hostPath: { path: "/sys" } }), paths: ["spec.hostPath.path"] },
    { object: workload("Pod", mounts("/sys/kernel")), paths: ["spec.volumes[1].hostPath.path"] },
    { object: offered({ hostPath: { path: "/etc" } }), paths: ["spec.hostPath.path"] },
    {
      object: workload("Deployment", mounts("/var/run/docker.sock")),
      paths: ["spec.template.spec.volumes[1].hostPath.path"],
    },
    { object: workload("Pod", mounts("/var/lib/skerry/volumes")), paths: ["spec.volumes[1].hostPath.path"] },
    // The API server itself rejects this one.
    { object: workload("Pod", mounts("/var/lib/skerry/volumes/../../etc")), paths: ["spec.volumes[1].hostPath.path"] },
    {
      object: workload("CronJob", mounts("/")),
      paths: ["spec.jobTemplate.spec.template.spec.volumes[1].hostPath.path"],
    },
  ],
};
