import type { KubeConfig } from "@kubernetes/client-node";
import { App, Chart } from "cdk8s";

import { useHostNetwork } from "../../charts/aws/ebs-csi-driver";
import { chartObjects } from "../../charts/chart-objects";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { ApiServer } from "./api-server";
import { eventually } from "./eventually";

/** Returns a Deployment whose container has a port, as that of the EBS CSI driver's controller. */
const deployment = (name: string, namespace = "kube-system"): KubeObject => {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "driver", image: "example.com/driver:1", ports: [{ containerPort: 9808 }] }] },
      },
    },
  };
};

/** Checks that the API server moves the controller of the EBS CSI driver to the network of its node, and nothing else. */
export function describeHostNetwork(connect: () => KubeConfig): void {
  let api: ApiServer;
  let policies: KubeObject[];
  const usesHostNetwork = async (object: KubeObject): Promise<boolean> => {
    const { status, body } = await api.create(object, { dryRun: true });
    if (status !== 201) throw new Error(`${status} ${body.message}`);
    const { template } = body.spec as { template: { spec: { hostNetwork?: boolean } } };
    return template.spec.hostNetwork === true;
  };

  beforeAll(async () => {
    api = new ApiServer(connect());
    const chart = new Chart(new App(), "host-network");
    useHostNetwork(chart);
    policies = chartObjects(chart);
    for (const policy of policies) await api.made(policy);
  });

  afterAll(async () => {
    for (const policy of policies) await api.remove(policy);
    await api.close();
  });

  test("the controller of the EBS CSI driver uses the network of its node, and no other program does", async () => {
    await eventually("the policy applies", 30, () => usesHostNetwork(deployment("ebs-csi-controller")));
    expect(await usesHostNetwork(deployment("other-controller"))).toBe(false);
    // Like kube-system, this namespace is exempt from the rules on pods.
    expect(await usesHostNetwork(deployment("ebs-csi-controller", "kube-public"))).toBe(false);
  }, 60_000);
}
