import type { V1NodeSelectorTerm, V1PodSpec, V1Toleration } from "@kubernetes/client-node";

import { labels, taints } from "../../fleet/labels";
import { templateOf } from "../../fleet/kubernetes/pod-template";
import { formatValue } from "../../fleet/problem";
import { quoted, quotedList } from "../admission/cel";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/**
 * Whoever chooses its nodes by one of these has chosen the device too: a pool has one device, and a node is one; in a
 * region, a device may be all there is.
 */
const CHOOSES_NODES = [labels.nodePool, "kubernetes.io/hostname", labels.edgeRegion, labels.topologyRegion];
/** A DaemonSet's pods choose their node by its name. */
const NODE_NAME = "metadata.name";

const termsOf = (pod: V1PodSpec): readonly V1NodeSelectorTerm[] =>
  pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

/** Whether a pod's nodes have this label, with one of these values where any are given. */
function demands(pod: V1PodSpec, key: string, value?: string): boolean {
  const label = pod.nodeSelector?.[key];
  if (label !== undefined && (value === undefined || label === value)) return true;
  const terms = termsOf(pod);
  return (
    terms.length > 0 &&
    terms.every((term) =>
      (term.matchExpressions ?? []).some(
        (each) =>
          each.key === key &&
          (each.operator === "Exists" ||
            (each.operator === "In" && (value === undefined || (each.values ?? []).includes(value)))),
      ),
    )
  );
}

const choosesNodes = (pod: V1PodSpec): boolean =>
  CHOOSES_NODES.some((key) => demands(pod, key)) ||
  (termsOf(pod).length > 0 &&
    termsOf(pod).every((term) => (term.matchFields ?? []).some(({ key }) => key === NODE_NAME)));

const deviceOf = ({ operator, value }: V1Toleration): string | undefined =>
  operator === "Exists" ? undefined : (value ?? "");

/**
 * The half of the pair that one object shows. A pod that demands a device and does not tolerate its taint never starts,
 * which only who knows the nodes can tell. DaemonSets are left out, for many of them belong on every device.
 */
export const deviceChosen: ObjectRule = {
  subject: "object",
  id: "device-chosen",
  title: "What tolerates the taint of a device also demands that device",
  why: "A toleration only lets a pod in: without a demand it may land anywhere, and takes the room of the device that others have to have.",
  severity: "warning",
  remedy: `Add the label ${labels.deviceType} to the pod's nodeSelector (the construct OnDevice does both), or remove the toleration.`,
  check(object) {
    const pod = podOf(object);
    if (!pod || object.kind === "DaemonSet" || choosesNodes(pod.value)) return [];
    if (templateOf(object)?.metadata?.labels?.[labels.requiredRegion]) return [];
    return (pod.value.tolerations ?? []).flatMap((toleration, index) => {
      if (toleration.key !== taints.deviceType || demands(pod.value, labels.deviceType, deviceOf(toleration)))
        return [];
      const device = deviceOf(toleration);
      const message = `tolerates ${device === undefined ? "every device" : formatValue(device)}, but does not demand it by the label ${labels.deviceType}`;
      return [{ path: pod.path("tolerations", index), message }];
    });
  },
  admission: {
    variables: [
      {
        name: "terms",
        expression:
          "variables.pod.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution.?nodeSelectorTerms" +
          ".orValue([])",
      },
      { name: "selector", expression: "variables.pod.?nodeSelector.orValue({})" },
      {
        name: "choosesNodes",
        expression:
          `${quotedList(CHOOSES_NODES)}.exists(k, ${demandsCel("k", "true", "true")}) || ` +
          `(size(variables.terms) > 0 && variables.terms.all(term, ` +
          `term.?matchFields.orValue([]).exists(f, f.key == ${quoted(NODE_NAME)})))`,
      },
    ],
    validations: [
      {
        expression:
          `object.kind == "DaemonSet" || ${quoted(labels.requiredRegion)} in variables.podMetadata.?labels.orValue({}) || ` +
          `variables.choosesNodes || variables.pod.?tolerations.orValue([]).all(t, ` +
          `t.?key.orValue("") != ${quoted(taints.deviceType)} || ` +
          `${demandsCel(
            quoted(labels.deviceType),
            `(t.?operator.orValue("Equal") == "Exists" || variables.selector[${quoted(labels.deviceType)}] == t.?value.orValue(""))`,
            `(t.?operator.orValue("Equal") == "Exists" || t.?value.orValue("") in e.values)`,
          )})`,
        message: "The pod tolerates the taint of a device, but does not demand that device.",
      },
    ],
  },
};

/** `demands` in CEL: what the label has to be, and what the values of a term's expression `e` have to be. */
function demandsCel(key: string, label: string, values: string): string {
  return (
    `((${key} in variables.selector && ${label}) || (size(variables.terms) > 0 && variables.terms.all(term, ` +
    `term.?matchExpressions.orValue([]).exists(e, e.key == ${key} && ` +
    `(e.operator == "Exists" || (e.operator == "In" && ${values}))))))`
  );
}
