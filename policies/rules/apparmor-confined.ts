import { templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { formatPath, formatValue } from "../../fleet/problem";
import { everyContainer, quoted, quotedList } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const TYPES = ["RuntimeDefault", "Localhost"] as const;
const TYPE_RULE = `must be one of: ${TYPES.join(", ")}`;

/** How a container's profile was stated before Kubernetes 1.30: `<prefix><container>: <profile>`. */
const ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";
const DEFAULT_PROFILE = "runtime/default";
const LOCAL_PROFILE = "localhost/";

const confinedBy = (profile: string): boolean =>
  profile === "" || profile === DEFAULT_PROFILE || profile.startsWith(LOCAL_PROFILE);

export const apparmorConfined: ObjectRule = {
  subject: "object",
  id: "apparmor-confined",
  title: "No container switches AppArmor off",
  why: "Without its profile a container may mount file systems and write to the kernel's own files, where the node relies on AppArmor to stop it.",
  severity: "error",
  remedy: "Remove the profile, or set appArmorProfile: {type: RuntimeDefault}.",
  check(object) {
    const pod = podOf(object);
    if (!pod) return [];
    const annotations = templateOf(object)?.metadata?.annotations ?? {};
    return [
      ...[pod, ...containersOf(object)].flatMap(({ value, path }) => {
        const type = value.securityContext?.appArmorProfile?.type;
        return !type || (TYPES as readonly string[]).includes(type)
          ? []
          : [
              {
                path: path("securityContext", "appArmorProfile", "type"),
                message: `${TYPE_RULE}; got ${formatValue(type)}`,
              },
            ];
      }),
      ...Object.entries(annotations)
        .filter(([key, value]) => key.startsWith(ANNOTATION) && !confinedBy(String(value)))
        .map(([key, value]) => ({
          path: formatPath([...templatePath(object)!, "metadata", "annotations", key]),
          message: `got ${formatValue(value)}, must be ${DEFAULT_PROFILE} or begin with ${LOCAL_PROFILE}`,
        })),
    ];
  },
  admission: {
    validations: [
      {
        expression: `${confined("variables.pod")} && ${everyContainer(confined("c"))}`,
        message: "A container's AppArmor profile is switched off.",
      },
      {
        expression:
          `variables.podMetadata.?annotations.orValue({}).all(k, !k.startsWith(${quoted(ANNOTATION)}) || ` +
          `variables.podMetadata.annotations[k] in ${quotedList(["", DEFAULT_PROFILE])} || ` +
          `variables.podMetadata.annotations[k].startsWith(${quoted(LOCAL_PROFILE)}))`,
        message: "An annotation switches a container's AppArmor profile off.",
      },
    ],
  },
};

function confined(holder: string): string {
  return `${holder}.?securityContext.?appArmorProfile.?type.orValue(${quoted(TYPES[0])}) in ${quotedList(TYPES)}`;
}
