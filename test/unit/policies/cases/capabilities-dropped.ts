import { container, type ObjectCases, podSpec, securityContext, workload } from "./case";

const having = (capabilities: object | null) => podSpec({ containers: [container(securityContext({ capabilities }))] });
const at = "spec.template.spec.containers[0].securityContext.capabilities";

export const capabilitiesDropped: ObjectCases = {
  valid: [workload("Pod"), workload("Deployment", having({ drop: ["NET_RAW", "ALL"], add: ["NET_BIND_SERVICE"] }))],
  invalid: [
    { object: workload("Deployment", having(null)), paths: [`${at}.drop`] },
    { object: workload("StatefulSet", having({ drop: ["NET_RAW"] })), paths: [`${at}.drop`] },
    { object: workload("DaemonSet", having({ drop: ["all"] })), paths: [`${at}.drop`] },
    {
      object: workload("Job", having({ drop: ["ALL"], add: ["NET_BIND_SERVICE", "NET_ADMIN"] })),
      paths: [`${at}.add[1]`],
    },
    {
      object: workload("Pod", podSpec({ containers: [container({ securityContext: null })] })),
      paths: ["spec.containers[0].securityContext.capabilities.drop"],
    },
  ],
};
