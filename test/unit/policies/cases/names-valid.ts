import type { KubeObject } from "../../../../fleet/kubernetes/object";
import { configMap, container, type ObjectCases, podSpec, workload } from "./case";

type Metadata = KubeObject["metadata"];
const withMetadata = (object: KubeObject, changed: Partial<Metadata>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...changed },
});
const called = (apiVersion: string, kind: string, name: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
});
const long = (length: number) => "x".repeat(length);

export const namesValid: ObjectCases = {
  valid: [
    workload("Pod"),
    withMetadata(configMap({}), { name: "edge-ca.crt", annotations: { "Example.com/Note": long(200_000) } }),
    called("rbac.authorization.k8s.io/v1", "ClusterRole", "system:node-proxier"),
    called("v1", "Namespace", "mqtt"),
    called("v1", "Service", "cloud-1"),
    called("v1", "Service", "7up"),
    called("networking.k8s.io/v1", "IPAddress", "10.0.0.7"),
    called("networking.k8s.io/v1", "IPAddress", "2001:db8::7"),
    {
      ...called("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "plant.example:roots:main"),
      spec: { signerName: "plant.example/roots" },
    },
    called("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "main"),
    called("certificates.k8s.io/v1", "CertificateSigningRequest", "node:tokyo-gw-01"),
    called("apiregistration.k8s.io/v1", "APIService", "v1."),
    called("coordination.k8s.io/v1beta1", "LeaseCandidate", "Scheduler_1"),
    withMetadata(workload("CronJob"), { name: long(52) }),
    withMetadata(workload("Deployment"), {
      name: long(253),
      labels: { empty: "", "skerry.dev/node-pool": "tokyo_GW.1" },
    }),
  ],
  invalid: [
    { object: withMetadata(workload("CronJob"), { name: long(53) }), paths: ["metadata.name"] },
    { object: withMetadata(workload("Job"), { name: long(64) }), paths: ["metadata.name"] },
    { object: withMetadata(workload("StatefulSet"), { name: "edge.broker" }), paths: ["metadata.name"] },
    { object: withMetadata(workload("Pod"), { name: "Edge_Broker" }), paths: ["metadata.name"] },
    { object: withMetadata(workload("Pod"), { namespace: "tele.metry" }), paths: ["metadata.namespace"] },
    { object: called("v1", "Namespace", long(64)), paths: ["metadata.name"] },
    { object: called("v1", "Service", "cloud-"), paths: ["metadata.name"] },
    ...["10.0.0.07", "2001:DB8::7", "2001:db8:0:0::7", "::ffff:10.0.0.7", "ten"].map((name) => ({
      object: called("networking.k8s.io/v1", "IPAddress", name),
      paths: ["metadata.name"],
    })),
    {
      object: {
        ...called("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "main"),
        spec: { signerName: "plant.example/roots" },
      },
      paths: ["metadata.name"],
    },
    {
      object: called("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "plant.example:roots:main"),
      paths: ["metadata.name"],
    },
    { object: called("v1", "ConfigMap", "2001:db8::7"), paths: ["metadata.name"] },
    { object: called("rbac.authorization.k8s.io/v1", "Role", "a/b"), paths: ["metadata.name"] },
    {
      object: withMetadata(configMap({}), {
        labels: { region: "são-paulo", "a/b/c": "x", [long(64)]: "x", team: long(64) },
      }),
      paths: [
        "metadata.labels.region",
        'metadata.labels["a/b/c"]',
        `metadata.labels.${long(64)}`,
        "metadata.labels.team",
      ],
    },
    {
      object: withMetadata(configMap({}), { annotations: { "not ours": "x" } }),
      paths: ['metadata.annotations["not ours"]'],
    },
    {
      object: withMetadata(configMap({}), { annotations: { note: long(256 * 1024) } }),
      paths: ["metadata.annotations"],
    },
    {
      object: workload("Deployment", podSpec(), { region: "-tokyo" }),
      paths: ["spec.template.metadata.labels.region"],
    },
    {
      object: workload(
        "DaemonSet",
        podSpec({
          nodeSelector: { "edge region": "tokyo" },
          containers: [container({ name: "Main" })],
          volumes: [{ name: "tmp.1", emptyDir: {} }],
        }),
      ),
      paths: [
        'spec.template.spec.nodeSelector["edge region"]',
        "spec.template.spec.containers[0].name",
        "spec.template.spec.volumes[0].name",
      ],
    },
  ],
};
