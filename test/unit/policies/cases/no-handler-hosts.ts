import { container, initContainer, type ObjectCases, podSpec, workload } from "./case";

const HOST = "169.254.169.254";
const http = (host?: string) => ({ httpGet: { port: 8080, ...(host !== undefined && { host }) } });
const tcp = (host: string) => ({ tcpSocket: { port: 8080, host } });
const main = (changed: Readonly<Record<string, unknown>>) => podSpec({ containers: [container(changed)] });

export const noHandlerHosts: ObjectCases = {
  valid: [
    workload("Pod"),
    workload("Deployment", main({ livenessProbe: http(), readinessProbe: http("") })),
    workload("Deployment", main({ lifecycle: { preStop: { exec: { command: ["stop"] } }, postStart: null } })),
    workload("StatefulSet", main({ startupProbe: { grpc: { port: 8080, service: "ready" } } })),
  ],
  invalid: [
    {
      object: workload("Pod", main({ livenessProbe: http(HOST) })),
      paths: ["spec.containers[0].livenessProbe.httpGet.host"],
    },
    {
      object: workload("DaemonSet", main({ readinessProbe: tcp("127.0.0.1"), startupProbe: http("localhost") })),
      paths: [
        "spec.template.spec.containers[0].readinessProbe.tcpSocket.host",
        "spec.template.spec.containers[0].startupProbe.httpGet.host",
      ],
    },
    {
      object: workload("Deployment", main({ lifecycle: { postStart: http(HOST), preStop: http(HOST) } })),
      paths: [
        "spec.template.spec.containers[0].lifecycle.postStart.httpGet.host",
        "spec.template.spec.containers[0].lifecycle.preStop.httpGet.host",
      ],
    },
    {
      object: workload(
        "Deployment",
        podSpec({ initContainers: [{ ...initContainer(), restartPolicy: "Always", startupProbe: tcp(HOST) }] }),
      ),
      paths: ["spec.template.spec.initContainers[0].startupProbe.tcpSocket.host"],
    },
  ],
};
