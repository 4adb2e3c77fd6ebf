import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { SYSTEM_NAMESPACE } from "./namespaces";

/**
 * Grants a program its own lease and no other. Reading and writing are limited to this lease. Creating is limited to
 * the namespace, because RBAC cannot restrict creation by name.
 *
 * @param name name of the lease, the role and the service account
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

/** Returns a service account in the system namespace as the subject of a binding. */
export function serviceAccount(name: string): k8s.Subject {
  return { kind: "ServiceAccount", name, namespace: SYSTEM_NAMESPACE };
}
