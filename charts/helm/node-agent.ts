import { App } from "cdk8s";

import { chartObjects } from "../chart-objects";
import { images } from "../images";
import { NodeAgentChart, type NodeAgentProps } from "../system/node-agent";
import { DefinitionsChart } from "../system/definitions";
import { KUBERNETES_VERSION } from "../../fleet/kubernetes/version";
import type { KubeObject } from "../../fleet/kubernetes/object";
import { type HelmChart, IMAGE, TOLERATIONS } from "./chart";
import { toTemplate } from "./template";

const render = (props: Partial<NodeAgentProps> = {}): KubeObject[] =>
  chartObjects(new NodeAgentChart(new App(), "node-agent", { kubernetesVersion: KUBERNETES_VERSION, ...props }));

/** The definition of the kind that the agents write. */
const definition = (): KubeObject =>
  chartObjects(new DefinitionsChart(new App(), "definitions")).find(
    ({ metadata }) => metadata.name === "nodeprofiles.skerry.dev",
  )!;

/** Returns the Helm chart of the node agent, with the definition of the profiles that it publishes. */
export function nodeAgentHelmChart(): HelmChart {
  const objects = render({ image: "zzimage", taints: [{ key: "zztaint", value: "", effect: "NoSchedule" }] });
  const template = toTemplate(
    objects,
    [{ text: "zzimage", expression: ".Values.image" }],
    [{ text: "zztaint", expression: ".Values.tolerations" }],
  );
  return {
    name: "skerry-node-agent",
    description: "Measures the nodes of a cluster and publishes the results as NodeProfiles",
    values: {
      image: { description: "Image of the agent.", default: images.nodeAgent, schema: IMAGE },
      tolerations: {
        description: "Tolerations of the nodes' taints, in addition to those of control-plane nodes.",
        default: [],
        schema: TOLERATIONS,
      },
    },
    templates: { "node-agent.yaml": template },
    crds: { "nodeprofiles.yaml": toTemplate([definition()], []) },
    notes: [
      "The node agents run in namespace skerry-node-agent, whose Pod Security level lets them read /sys of their node.",
      "",
      "  kubectl get nodeprofiles",
      "",
    ].join("\n"),
    objects: () => render(),
  };
}
