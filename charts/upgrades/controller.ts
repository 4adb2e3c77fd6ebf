import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";

import type { UpgradeImages } from "../../fleet/model";
import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";
import { DENY_ALL, toDns, toKubernetesApi } from "../network";
import { placeSystemProgram } from "../system/system-placement";
import { OWNED } from "../system/namespaces";
import { controllerNamespaceRules, controllerRules, jobNamespaceRules, jobRules } from "./controller-rules";
import { UPGRADE_CONTROLLER, UPGRADE_JOB_ACCOUNT, UPGRADE_NAMESPACE, upgradeLabels } from "./names";

/** Props of {@link UpgradeControllerChart}. */
export interface UpgradeControllerProps {
  readonly images: Pick<UpgradeImages, "controller" | "kubectl">;
}

/**
 * Renders K3s' system-upgrade-controller, which upgrades the nodes that a plan selects, with one job per node.
 *
 * Jobs are root on their node, with its file system and processes. Their namespace therefore has the Pod Security level
 * `privileged`, and the admission policies exempt it. The controller itself has no privileges on its node.
 *
 * The controller creates the definition of the kind Plan when it starts.
 */
export class UpgradeControllerChart extends Chart {
  constructor(scope: Construct, id: string, { images }: UpgradeControllerProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    const labels = { "app.kubernetes.io/name": UPGRADE_CONTROLLER };
    const metadata = { name: UPGRADE_CONTROLLER, namespace: UPGRADE_NAMESPACE, labels };
    new k8s.KubeNamespace(this, "namespace", {
      metadata: { name: UPGRADE_NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "privileged" } },
    });
    this.account(UPGRADE_CONTROLLER, controllerRules, controllerNamespaceRules);
    this.account(UPGRADE_JOB_ACCOUNT, jobRules, jobNamespaceRules);
    // Jobs use the network of their node, to which network policies do not apply.
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: { ...DENY_ALL, egress: [toKubernetesApi, toDns] },
    });
    new k8s.KubeDeployment(this, "deployment", {
      metadata,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, [upgradeLabels.controller]: UPGRADE_CONTROLLER } },
          spec: podSpec(images, labels),
        },
      },
    });
  }

  /** Creates a service account with permissions in the cluster and in the namespace. */
  private account(
    name: string,
    clusterRules: readonly k8s.PolicyRule[],
    namespaceRules: readonly k8s.PolicyRule[],
  ): void {
    const subjects = [{ kind: "ServiceAccount", name, namespace: UPGRADE_NAMESPACE }];
    const metadata = { name, namespace: UPGRADE_NAMESPACE };
    const shared = { name: `skerry-${name}` };
    const group = "rbac.authorization.k8s.io";
    new k8s.KubeServiceAccount(this, `${name}-account`, { metadata, automountServiceAccountToken: false });
    new k8s.KubeClusterRole(this, `${name}-cluster-role`, { metadata: shared, rules: [...clusterRules] });
    new k8s.KubeClusterRoleBinding(this, `${name}-cluster-binding`, {
      metadata: shared,
      roleRef: { apiGroup: group, kind: "ClusterRole", name: shared.name },
      subjects,
    });
    new k8s.KubeRole(this, `${name}-role`, { metadata, rules: [...namespaceRules] });
    new k8s.KubeRoleBinding(this, `${name}-binding`, {
      metadata,
      roleRef: { apiGroup: group, kind: "Role", name },
      subjects,
    });
  }
}

function podSpec(images: UpgradeControllerProps["images"], labels: Record<string, string>): k8s.PodSpec {
  const fieldRef = (fieldPath: string): k8s.EnvVarSource => ({ fieldRef: { fieldPath } });
  return {
    serviceAccountName: UPGRADE_CONTROLLER,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    ...placeSystemProgram(labels),
    securityContext: restrictedPod(NONROOT),
    containers: [
      {
        name: UPGRADE_CONTROLLER,
        image: images.controller,
        imagePullPolicy: "IfNotPresent",
        env: [
          { name: "SYSTEM_UPGRADE_CONTROLLER_NAME", value: UPGRADE_CONTROLLER },
          { name: "SYSTEM_UPGRADE_CONTROLLER_NAMESPACE", valueFrom: fieldRef("metadata.namespace") },
          { name: "SYSTEM_UPGRADE_CONTROLLER_NODE_NAME", valueFrom: fieldRef("spec.nodeName") },
          { name: "SYSTEM_UPGRADE_CONTROLLER_LEADER_ELECT", value: "true" },
          { name: "SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE", value: images.kubectl },
          // One retry: the API server may have restarted during the first attempt.
          { name: "SYSTEM_UPGRADE_JOB_BACKOFF_LIMIT", value: "1" },
          { name: "SYSTEM_UPGRADE_JOB_IMAGE_PULL_POLICY", value: "IfNotPresent" },
        ],
        resources: {
          requests: { cpu: k8s.Quantity.fromString("25m"), memory: k8s.Quantity.fromString("128Mi") },
          limits: { memory: k8s.Quantity.fromString("128Mi") },
        },
        securityContext: restrictedContainer,
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: k8s.Quantity.fromString("16Mi") } }],
  };
}
