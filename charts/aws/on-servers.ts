import { CONTROL_PLANE } from "../../fleet/labels";

/**
 * Values that place a program on the servers. Only there it has credentials: it uses the role of its instance, and pods that
 * are not in the network of their node are one hop too far from the metadata service.
 */
export const onServers = {
  nodeSelector: { [CONTROL_PLANE]: "true" },
  tolerations: [{ key: CONTROL_PLANE, operator: "Exists", effect: "NoSchedule" }],
};
