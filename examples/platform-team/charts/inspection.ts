import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Fleet } from "skerry/fleet";
import { placeIn } from "skerry/placement";

import { VisionWorkload } from "../placement/vision-workload";

const NAMESPACE = "vision";
const IMAGE = "ghcr.io/example/container-inspector:2.1.0";

export interface InspectionProps {
  readonly fleet: Fleet;
  readonly cluster: string;
  /** Names of the ports with cameras. */
  readonly ports: readonly string[];
}

/** Deploys one workload per port that inspects containers while cranes lift them. */
export class InspectionChart extends Chart {
  constructor(scope: Construct, id: string, { fleet, cluster, ports }: InspectionProps) {
    super(scope, id, { disableResourceNameHashes: true });
    placeIn(this, fleet, cluster);
    new k8s.KubeNamespace(this, "namespace", { metadata: { name: NAMESPACE } });
    // The inspector needs no network: probes come from the node, whose traffic is always allowed.
    new k8s.KubeNetworkPolicy(this, "deny-all", {
      metadata: { name: "deny-all", namespace: NAMESPACE },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });
    for (const port of ports) {
      new VisionWorkload(this, `${port}-placement`, { workload: this.inspector(port), port });
    }
  }

  private inspector(port: string): k8s.KubeDeployment {
    const name = `inspector-${port}`;
    const labels = { "app.kubernetes.io/name": "inspector", "app.kubernetes.io/instance": name };
    const probe = { httpGet: { path: "/healthz", port: k8s.IntOrString.fromNumber(8080) } };
    return new k8s.KubeDeployment(this, name, {
      metadata: { name, namespace: NAMESPACE, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "inspector",
                image: IMAGE,
                imagePullPolicy: "IfNotPresent",
                env: [{ name: "PORT_NAME", value: port }],
                ports: [{ name: "http", containerPort: 8080 }],
                readinessProbe: probe,
                livenessProbe: { ...probe, periodSeconds: 20 },
                resources: {
                  requests: { cpu: k8s.Quantity.fromString("1"), memory: k8s.Quantity.fromString("2Gi") },
                  limits: { memory: k8s.Quantity.fromString("2Gi") },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
              },
            ],
          },
        },
      },
    });
  }
}
