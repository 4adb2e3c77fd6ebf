import { CoreV1Api, type KubeConfig, RbacAuthorizationV1Api } from "@kubernetes/client-node";

import { SYSTEM_NAMESPACE } from "../../charts/system/namespaces";
import { MEASURED_LINKS } from "../../charts/system/node-agent-names";

const NONE = '{"version":1,"unit":"ms","regions":[],"links":[]}';

/**
 * Removes the measured links of a cluster and keeps the node controller from writing them, so that those of the fleet count.
 * Returns a function that lets it write again.
 */
export async function forgetMeasuredLinks(config: KubeConfig): Promise<() => Promise<void>> {
  const rbac = config.makeApiClient(RbacAuthorizationV1Api);
  const binding = { name: `node-controller-${MEASURED_LINKS}`, namespace: SYSTEM_NAMESPACE };
  const { metadata, roleRef, subjects } = await rbac.readNamespacedRoleBinding(binding);
  await rbac.deleteNamespacedRoleBinding(binding);
  const core = config.makeApiClient(CoreV1Api);
  const address = { name: MEASURED_LINKS, namespace: SYSTEM_NAMESPACE };
  const links = await core.readNamespacedConfigMap(address);
  await core.replaceNamespacedConfigMap({ ...address, body: { ...links, data: { "links.json": NONE } } });
  return async () => {
    const { name, namespace, labels, annotations } = metadata!;
    const body = {
      metadata: { name: name!, namespace: namespace!, ...(labels && { labels }), ...(annotations && { annotations }) },
      roleRef,
      ...(subjects && { subjects }),
    };
    await rbac.createNamespacedRoleBinding({ namespace: SYSTEM_NAMESPACE, body });
  };
}
