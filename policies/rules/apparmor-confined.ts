import { templateOf, templatePath } from "../../fleet/kubernetes/pod-template";
import { pathText, shown } from "../../fleet/problem";
import { everyContainer, quoted, quotedList } from "../admission/cel";
import { containersOf, podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

const TYPES = ["RuntimeDefault", "Localhost"] as const;
const TYPE_RULE = `must be one of ${TYPES.join(", ")}`;

/** Prefix of the annotation that sets a container's profile before Kubernetes 1.30: `<prefix><container>: <profile>`. */
const ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";
const DEFAULT_PROFILE = "runtime/default";
const LOCAL_PROFILE = "localhost/";
const PROFILE_RULE = `must be ${DEFAULT_PROFILE} or start with ${LOCAL_PROFILE}`;

const isConfiningProfile = (profile: string): boolean =>
  profile === "" || profile === DEFAULT_PROFILE || profile.startsWith(LOCAL_PROFILE);

export const apparmorConfined: ObjectRule = {
  subject: "object",
  id: "apparmor-confined",
  title: "Containers do not disable AppArmor",
  why: "AppArmor stops a container from mounting file systems and writing to kernel files. A node that relies on AppArmor loses this protection when a container disables it.",
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
          : [{ path: path("securityContext", "appArmorProfile", "type"), message: `got ${shown(type)}, ${TYPE_RULE}` }];
      }),
      ...Object.entries(annotations)
        .filter(([key, value]) => key.startsWith(ANNOTATION) && !isConfiningProfile(String(value)))
        .map(([key, value]) => ({
          path: pathText([...templatePath(object)!, "metadata", "annotations", key]),
          message: `got ${shown(value)}, ${PROFILE_RULE}`,
        })),
    ];
  },
  admission: {
    validations: [
      {
        expression: `${confinedCel("variables.pod")} && ${everyContainer(confinedCel("c"))}`,
        message: `securityContext.appArmorProfile.type ${TYPE_RULE} in the pod and in every container.`,
      },
      {
        expression:
          `variables.podMetadata.?annotations.orValue({}).all(k, !k.startsWith(${quoted(ANNOTATION)}) || ` +
          `variables.podMetadata.annotations[k] in ${quotedList(["", DEFAULT_PROFILE])} || ` +
          `variables.podMetadata.annotations[k].startsWith(${quoted(LOCAL_PROFILE)}))`,
        message: `An annotation ${ANNOTATION}<container> ${PROFILE_RULE}.`,
      },
    ],
  },
};

/** The check of `securityContext` in CEL; `holder` is an expression for the pod's spec or a container. */
function confinedCel(holder: string): string {
  return `${holder}.?securityContext.?appArmorProfile.?type.orValue(${quoted(TYPES[0])}) in ${quotedList(TYPES)}`;
}
