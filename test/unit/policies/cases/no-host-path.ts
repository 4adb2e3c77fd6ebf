import { type ObjectCases, podSpec, workload } from "./case";

const mounts = (path: string) =>
  podSpec({
    volumes: [
      { name: "tmp", emptyDir: {} },
      { name: "data", hostPath: { path } },
    ],
  });

export const noHostPath: ObjectCases = {
  kept: [
    workload("Pod"),
    workload("StatefulSet", podSpec({ volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] })),
    workload("DaemonSet", mounts("/var/lib/skerry/volumes/cache")),
  ],
  broken: [
    {
      object: workload("Deployment", mounts("/var/run/docker.sock")),
      paths: ["spec.template.spec.volumes[1].hostPath.path"],
    },
    { object: workload("Pod", mounts("/var/lib/skerry/volumes")), paths: ["spec.volumes[1].hostPath.path"] },
    // The API server refuses this one by itself.
    { object: workload("Pod", mounts("/var/lib/skerry/volumes/../../etc")), paths: ["spec.volumes[1].hostPath.path"] },
    {
      object: workload("CronJob", mounts("/")),
      paths: ["spec.jobTemplate.spec.template.spec.volumes[1].hostPath.path"],
    },
  ],
};
