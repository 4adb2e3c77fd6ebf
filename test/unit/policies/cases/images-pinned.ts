import { container, initContainer, type ObjectCases, podSpec, workload } from "./case";

const image = (name: string) => podSpec({ containers: [container({ image: name })] });
const looking = container({ resources: undefined, livenessProbe: undefined, readinessProbe: undefined });
const digest = `@sha256:${"0a".repeat(32)}`;

export const imagesPinned: ObjectCases = {
  valid: [
    workload("Deployment"),
    workload("Pod", image(`registry.k8s.io/pause${digest}`)),
    workload("Job", image(`registry.k8s.io/pause:latest${digest}`)),
    workload("CronJob", image("localhost:5000/tools/backup:2.1.0-rc.1")),
    workload("Pod", image("[2001:db8::1]:5000/tools/backup:2.1.0")),
    workload("Pod", image(`[fd00::7]/backup${digest}`)),
    workload("Deployment", podSpec({ volumes: [{ name: "model", image: { reference: "registry.example/model:3" } }] })),
  ],
  invalid: [
    { object: workload("Pod", image("nginx")), paths: ["spec.containers[0].image"] },
    { object: workload("Pod", image("[2001:db8::1]:5000/tools/backup")), paths: ["spec.containers[0].image"] },
    {
      object: workload(
        "Deployment",
        podSpec({ volumes: [{ name: "model", image: { reference: "registry.example/model" } }] }),
      ),
      paths: ["spec.template.spec.volumes[0].image.reference"],
    },
    {
      object: workload("Pod", podSpec({ ephemeralContainers: [{ name: "look", ...looking, image: "busybox" }] })),
      paths: ["spec.ephemeralContainers[0].image"],
    },
    {
      object: workload("CronJob", image("nginx:latest")),
      paths: ["spec.jobTemplate.spec.template.spec.containers[0].image"],
    },
    {
      object: workload("DaemonSet", podSpec({ initContainers: [initContainer({ image: "localhost:5000/setup" })] })),
      paths: ["spec.template.spec.initContainers[0].image"],
    },
  ],
};
