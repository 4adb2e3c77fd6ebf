import type { V1PodSpec, V1Toleration } from "@kubernetes/client-node";

import { labels, taints } from "../../fleet/labels";
import { templateOf } from "../../fleet/kubernetes/pod-template";
import { requiredTerms } from "../../fleet/kubernetes/requirements";
import { shown } from "../../fleet/problem";
import { quoted, quotedList } from "../admission/cel";
import { podOf } from "../kubernetes/pods";
import type { ObjectRule } from "../engine/rule";

/**
 * Labels that restrict a pod as strictly as a device does. A node or a pool has one device, and a region may have no nodes
 * without the taint.
 */
const NODE_LABELS = [labels.nodePool, "kubernetes.io/hostname", labels.edgeRegion, labels.topologyRegion];
/** The DaemonSet controller pins each pod to a node by this field. */
const NODE_NAME = "metadata.name";

/** Reports whether the pod requires a node label, with the given value if any. */
function requiresLabel(pod: V1PodSpec, key: string, value?: string): boolean {
  const label = pod.nodeSelector?.[key];
  if (label !== undefined && (value === undefined || label === value)) return true;
  const terms = requiredTerms(pod) ?? [];
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

function restrictsNodes(pod: V1PodSpec): boolean {
  const terms = requiredTerms(pod) ?? [];
  return (
    NODE_LABELS.some((key) => requiresLabel(pod, key)) ||
    (terms.length > 0 && terms.every((term) => (term.matchFields ?? []).some(({ key }) => key === NODE_NAME)))
  );
}

/** Returns the device that a toleration names, or undefined if it tolerates every device. */
const deviceOf = ({ operator, value }: V1Toleration): string | undefined =>
  operator === "Exists" ? undefined : (value ?? "");

/**
 * Complements selected-nodes-tolerated, which needs the cluster's nodes. DaemonSets are exempt, because many of them run on
 * every device.
 */
export const toleratedDevicesSelected: ObjectRule = {
  subject: "object",
  id: "tolerated-devices-selected",
  title: "Pods that tolerate a device taint also select that device",
  why: "A toleration only permits a node. Without a node selector, the pod may run on any node and may take capacity from workloads that need the device.",
  severity: "warning",
  remedy: `Add the label ${labels.deviceType} to the pod's nodeSelector (the construct OnDevice sets both), or remove the toleration.`,
  check(object) {
    const pod = podOf(object);
    if (!pod || object.kind === "DaemonSet" || restrictsNodes(pod.value)) return [];
    if (templateOf(object)?.metadata?.labels?.[labels.requiredRegion]) return [];
    return (pod.value.tolerations ?? []).flatMap((toleration, index) => {
      if (toleration.key !== taints.deviceType || requiresLabel(pod.value, labels.deviceType, deviceOf(toleration)))
        return [];
      const device = deviceOf(toleration);
      const message = `tolerates ${device === undefined ? "every device" : `device ${shown(device)}`}, but the pod does not select ${device === undefined ? "one" : "it"} by the label ${labels.deviceType}`;
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
        name: "restrictsNodes",
        expression:
          `${quotedList(NODE_LABELS)}.exists(k, ${requiresLabelCel("k", "true", "true")}) || ` +
          `(size(variables.terms) > 0 && variables.terms.all(term, ` +
          `term.?matchFields.orValue([]).exists(f, f.key == ${quoted(NODE_NAME)})))`,
      },
    ],
    validations: [
      {
        expression:
          `object.kind == "DaemonSet" || ${quoted(labels.requiredRegion)} in variables.podMetadata.?labels.orValue({}) || ` +
          `variables.restrictsNodes || variables.pod.?tolerations.orValue([]).all(t, ` +
          `t.?key.orValue("") != ${quoted(taints.deviceType)} || ` +
          `${requiresLabelCel(
            quoted(labels.deviceType),
            `(t.?operator.orValue("Equal") == "Exists" || variables.selector[${quoted(labels.deviceType)}] == t.?value.orValue(""))`,
            `(t.?operator.orValue("Equal") == "Exists" || t.?value.orValue("") in e.values)`,
          )})`,
        message: `A pod that tolerates a device taint must select that device by the label ${labels.deviceType}.`,
      },
    ],
  },
};

/**
 * `requiresLabel` in CEL.
 *
 * @param label condition on the node selector's label
 * @param values condition on the values of a match expression `e`
 */
function requiresLabelCel(key: string, label: string, values: string): string {
  return (
    `((${key} in variables.selector && ${label}) || (size(variables.terms) > 0 && variables.terms.all(term, ` +
    `term.?matchExpressions.orValue([]).exists(e, e.key == ${key} && ` +
    `(e.operator == "Exists" || (e.operator == "In" && ${values}))))))`
  );
}
