import type { V1SELinuxOptions } from "@kubernetes/client-node";

import { shown } from "../../fleet/problem";
import { everyContainer, quotedList } from "../admission/cel";
import { type At, containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule, Violation } from "../engine/rule";

/** Types that confine a container. Source: k8s.io/pod-security-admission, seLinuxOptions, Kubernetes 1.36. */
const TYPES = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"] as const;

type Holder = At<{ readonly securityContext?: { readonly seLinuxOptions?: V1SELinuxOptions } }>;

function checkOptions({ value, path }: Holder): Violation[] {
  const options = value.securityContext?.seLinuxOptions;
  const at = (field: string): string => path("securityContext", "seLinuxOptions", field);
  return [
    ...(options?.type && !(TYPES as readonly string[]).includes(options.type)
      ? [{ path: at("type"), message: `got ${shown(options.type)}, must be one of ${TYPES.join(", ")}` }]
      : []),
    ...(["user", "role"] as const).flatMap((field) =>
      options?.[field] ? [{ path: at(field), message: `got ${shown(options[field])}, must be empty` }] : [],
    ),
  ];
}

/** `checkOptions` in CEL; `holder` is an expression for the pod's spec or a container. */
const confinedCel = (holder: string): string => {
  const option = (name: string): string => `${holder}.?securityContext.?seLinuxOptions.?${name}.orValue("")`;
  return `${option("type")} in ${quotedList(["", ...TYPES])} && ${option("user")} == "" && ${option("role")} == ""`;
};

export const selinuxConfined: ObjectRule = {
  subject: "object",
  id: "selinux-confined",
  title: "Containers do not leave SELinux confinement",
  why: "Under another type, user or role, a container can access what SELinux protects, such as the node's files and those of other pods.",
  severity: "error",
  remedy: "Remove seLinuxOptions.user and seLinuxOptions.role. Remove the type too, unless it is a container type.",
  check(object) {
    const pod = podOf(object);
    return [...(pod ? [pod] : []), ...containersOf(object)].flatMap((holder) => checkOptions(holder));
  },
  admission: {
    validations: [
      {
        expression: `${confinedCel("variables.pod")} && ${everyContainer(confinedCel("c"))}`,
        message: `seLinuxOptions.type must be one of ${TYPES.join(", ")}, and seLinuxOptions.user and role must be empty.`,
      },
    ],
  },
};
