import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { SYSTEM_NAMESPACE } from "./namespaces";

/**
 * Lets a program of ours hold its own lease and no other. Creating can't be limited by name (the API has none yet when
 * it decides), so it is limited to our namespace; reading and writing are limited to the one lease.
 *
 * @param name of the lease, the role and the service account alike
 */
export function grantLease(scope: Construct, name: string): void {
  const metadata = { name: `${name}-leader-election`, namespace: SYSTEM_NAMESPACE };
  new k8s.KubeRole(scope, "lease-role", {
    metadata,
    rules: [
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
      {
        apiGroups: ["coordination.k8s.io"],
        resources: ["leases"],
        resourceNames: [name],
        verbs: ["get", "update", "patch"],
      },
    ],
  });
  new k8s.KubeRoleBinding(scope, "lease-binding", {
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: metadata.name },
    subjects: [serviceAccount(name)],
  });
}

/** A service account of our namespace as the subject of a binding. */
export function serviceAccount(name: string): k8s.Subject {
  return { kind: "ServiceAccount", name, namespace: SYSTEM_NAMESPACE };
}
