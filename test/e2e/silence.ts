import type { KubeConfig, V1PodList } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";
import { ApiServer, collection } from "./api-server";
import { eventually } from "./eventually";

const NAME = "silent-nodes";

/** Controllers act on silent nodes and their pods; kubelets, which KWOK stands for, do not. */
const NO_CONTROLLER = '!request.userInfo.username.startsWith("system:serviceaccount:kube-system:")';

interface Rule {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly string[];
  readonly operation: "UPDATE" | "DELETE";
  /** Name of the node that a request is about, in CEL. */
  readonly node: string;
}

/** What a kubelet sends: renewals of its lease, the status of its node and pods, and that a pod has ended. */
const RULES: readonly Rule[] = [
  {
    group: "coordination.k8s.io",
    version: "v1",
    resources: ["leases"],
    operation: "UPDATE",
    node: "object.metadata.name",
  },
  { group: "", version: "v1", resources: ["nodes/status"], operation: "UPDATE", node: "object.metadata.name" },
  {
    group: "",
    version: "v1",
    resources: ["pods", "pods/status"],
    operation: "UPDATE",
    node: "oldObject.spec.?nodeName.orValue('')",
  },
  { group: "", version: "v1", resources: ["pods"], operation: "DELETE", node: "oldObject.spec.?nodeName.orValue('')" },
];

/** Policies under which the API server refuses everything that the kubelets of some nodes send. */
function silentNodes(nodes: readonly string[]): KubeObject[] {
  return RULES.flatMap(({ group, version, resources, operation, node }, index) => {
    const name = `${NAME}-${index}`;
    const expression = `!(${node} in ${JSON.stringify(nodes)} && ${NO_CONTROLLER})`;
    const resourceRules = [{ apiGroups: [group], apiVersions: [version], resources, operations: [operation] }];
    return [
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: { resourceRules },
          validations: [{ expression, message: "the node is cut off" }],
        },
      },
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: { policyName: name, validationActions: ["Deny"] },
      },
    ];
  });
}

/** Creates objects in a cluster. */
export async function createAll(config: KubeConfig, objects: readonly KubeObject[]): Promise<void> {
  const api = new ApiServer(config);
  for (const object of objects) {
    const { status, body } = await api.send("POST", collection(object), object);
    if (status !== 201) throw new Error(`${object.kind} ${object.metadata.name}: ${status} ${body.message}`);
  }
}

/** Deletes objects from a cluster, those that do not exist too. */
export async function deleteAll(config: KubeConfig, objects: readonly KubeObject[]): Promise<void> {
  const api = new ApiServer(config);
  for (const object of objects) await api.send("DELETE", `${collection(object)}/${object.metadata.name}`);
}

/** What a kubelet reports of its node and pods once it is heard again. KWOK goes on with nodes and pods that are ready. */
const READY = { status: { conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }] } };

/** Reports the pods of a node ready that the control plane declared not ready when the node fell silent. */
async function reportPods(api: ApiServer, node: string): Promise<void> {
  const { body } = await api.send("GET", "/api/v1/pods", undefined, { fieldSelector: `spec.nodeName=${node}` });
  for (const { metadata, status } of (body as unknown as V1PodList).items) {
    if (metadata!.deletionTimestamp !== undefined || status?.phase !== "Running") continue;
    const conditions = (status.conditions ?? []).map(({ type, status: value, ...rest }) => ({
      ...rest,
      ...{ type, status: /Ready$/.test(type) ? "True" : value },
    }));
    const path = `/api/v1/namespaces/${metadata!.namespace}/pods/${metadata!.name}/status`;
    await api.send("PATCH", path, { status: { conditions } });
  }
}

/**
 * Cuts nodes off from their control plane: to it, they fall silent. Returns a function that ends it, after which the nodes
 * and their pods are ready again.
 */
export async function silence(config: KubeConfig, nodes: readonly string[]): Promise<() => Promise<void>> {
  const objects = silentNodes(nodes);
  await createAll(config, objects);
  return async () => {
    await deleteAll(config, [...objects].reverse());
    const api = new ApiServer(config);
    for (const node of nodes)
      // The API server follows a deleted policy within seconds.
      await eventually(`${node} reports`, 20, async () => {
        const { status } = await api.send("PATCH", `/api/v1/nodes/${node}/status`, READY);
        return status === 200;
      });
    for (const node of nodes) await reportPods(api, node);
  };
}
