import type { V1SELinuxOptions } from "@kubernetes/client-node";

import { formatValue } from "../../fleet/problem";
import { everyContainer, quotedList } from "../admission/cel";
import { type At, containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule, Violation } from "../engine/rule";

/** Types under which containers are confined. Source: k8s.io/pod-security-admission, seLinuxOptions, Kubernetes 1.36. */
const TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"] as const;

type Holder = At<{ readonly securityContext?: { readonly seLinuxOptions?: V1SELinuxOptions } }>;

function violations({ value, path }: Holder): Violation[] {
  const options = value.securityContext?.seLinuxOptions;
  const at = (field: string): string => path("securityContext", "seLinuxOptions", field);
  return [
    ...(options?.type && !(TYPES as readonly string[]).includes(options.type)
      ? [{ path: at("type"), message: `got ${formatValue(options.type)}, must be one of ${TYPES.join(", ")}` }]
      : []),
    ...(["user", "role"] as const).flatMap((field) =>
      options?.[field] ? [{ path: at(field), message: `got ${formatValue(options[field])}, must be empty` }] : [],
    ),
  ];
}

/** The same for what `holder` names in CEL. */
const confined = (holder: string): string => {
  const option = (name: string): string => `${holder}.?securityContext.?seLinuxOptions.?${name}.orValue("")`;
  return `${option("type")} in ${quotedList(["", ...TYPES])} && ${option("user")} == "" && ${option("role")} == ""`;
};

export const selinuxConfined: ObjectRule = {
  subject: "object",
  id: "selinux-confined",
  title: "No container leaves the SELinux confinement of containers",
  why: "Under another type, user or role a container may read and write what SELinux keeps from containers: the node's own files, and other pods'.",
  severity: "error",
  remedy: "Remove seLinuxOptions.user and seLinuxOptions.role, and the type unless it is one of those for containers.",
  check(object) {
    const pod = podOf(object);
    return [...(pod ? [pod] : []), ...containersOf(object)].flatMap((holder) => violations(holder));
  },
  admission: {
    validations: [
      {
        expression: `${confined("variables.pod")} && ${everyContainer(confined("c"))}`,
        message: "A container leaves the SELinux confinement of containers.",
      },
    ],
  },
};
