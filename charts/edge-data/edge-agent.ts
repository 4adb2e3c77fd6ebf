import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";

import { createTolerations } from "../../fleet/kubernetes/tolerations";
import type { EdgeRelay, EdgeRoute, EdgeSensor, Taint } from "../../fleet/model";
import { Autonomous } from "../../placement/autonomous";
import { configHash } from "../config-hash";
import { images } from "../images";
import { BROKER_PRIORITY, STORAGE_CLASS, toBroker } from "../mqtt/mqtt-broker";
import { MQTT_NAMESPACE, MQTT_PORT, clientSecret, serverSecret, serviceHost } from "../mqtt/names";
import { DENY_ALL, tcp, toDns } from "../network";
import { agentConfig, CONFIG_FILE, folders, renderConfig } from "./agent-config";
import { edgeContainer, edgePod, mountSecrets } from "./edge-program";
import { toSensors } from "./sensor-network";
import type { Outbox } from "./outbox";

/** Value of the label `app.kubernetes.io/name` of edge agents. */
export const EDGE_AGENT = "edge-agent";

/** Port of the agent's HTTP server: sensors, health and metrics. */
export const EDGE_AGENT_PORT = 8650;

/** About three times the resident memory that the agent promises. */
const MEMORY = "32Mi";
const GO_MEMORY_LIMIT = "28MiB";

/** Props of {@link EdgeAgent}. */
export interface EdgeAgentProps {
  /** Name of the StatefulSet, the ConfigMap and the network policy, and of the Service of a listener. At most 52 characters. */
  readonly name: string;
  /** Namespace of the agent and of its broker, which must exist. @default "mqtt" */
  readonly namespace?: string;
  /** Name of the node on which the agent runs, and under which it publishes. */
  readonly node: string;
  /** Taints of the node. @default [] */
  readonly taints?: readonly Taint[];
  /** Name of the broker that the agent sends to, and subscribes to. */
  readonly broker: string;
  readonly outbox: Outbox;
  /** @default [] */
  readonly sensors?: readonly EdgeSensor[];
  /** Classes of devices' messages by topic. @default [] */
  readonly routes?: readonly EdgeRoute[];
  /** Where the devices publish. @default "broker" */
  readonly relay?: EdgeRelay;
  /** Image of the agent. @default - the image of this release */
  readonly image?: string;
}

/**
 * An edge agent on one node: a StatefulSet with a local volume for its outbox. It is not evicted when the node is
 * disconnected.
 *
 * A DaemonSet would give the agents of all nodes one certificate, and with it each other's topics. Its pod uses the Secret
 * `<broker>-client-<node>` and, with a listener, `<name>-tls`, each with `ca.crt`, `tls.crt` and `tls.key`.
 *
 * @see docs/edge-data-fleet.md
 */
export class EdgeAgent extends Construct {
  constructor(scope: Construct, id: string, props: EdgeAgentProps) {
    super(scope, id);
    const {
      name,
      namespace = MQTT_NAMESPACE,
      node,
      broker,
      outbox,
      sensors = [],
      routes = [],
      relay = "broker",
    } = props;
    const labels = { "app.kubernetes.io/name": EDGE_AGENT, "app.kubernetes.io/instance": name };
    const metadata = { name, namespace, labels };
    const brokerHost = serviceHost(broker, namespace);
    const config = agentConfig({ node, brokerHost, classes: outbox.limits, sensors, routes, relay });
    const data = { [CONFIG_FILE]: renderConfig(config) };

    new k8s.KubeConfigMap(this, "config", { metadata, data });
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        ...DENY_ALL,
        podSelector: { matchLabels: labels },
        ingress: [{ ports: tcp(EDGE_AGENT_PORT, ...(relay === "listener" ? [MQTT_PORT] : [])) }],
        egress: [toDns, toBroker(broker), ...toSensors(sensors)],
      },
    });
    if (relay === "listener") {
      new k8s.KubeService(this, "service", {
        metadata,
        spec: {
          selector: labels,
          ports: [{ name: "mqtts", port: MQTT_PORT, targetPort: k8s.IntOrString.fromString("mqtts") }],
        },
      });
    }
    const agent = new k8s.KubeStatefulSet(this, "agent", {
      // A node that is offline must not make an update of the fleet wait for its agent.
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        replicas: 1,
        serviceName: name,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        updateStrategy: { type: "RollingUpdate" },
        // Removing an agent by mistake must not delete its messages.
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: { metadata: { labels, annotations: configHash(data) }, spec: podSpec(props) },
        volumeClaimTemplates: [
          {
            metadata: { name: "outbox", labels },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: STORAGE_CLASS,
              resources: { requests: { storage: k8s.Quantity.fromString(`${outbox.storageGiB}Gi`) } },
            },
          },
        ],
      },
    });
    new Autonomous(this, "stays", { workload: agent });
  }
}

function podSpec(props: EdgeAgentProps): k8s.PodSpec {
  const { name, node, taints = [], broker, relay = "broker", image = images.edgeAgent } = props;
  const { mounts, volumes } = mountSecrets({
    [folders.tls]: clientSecret(broker, node),
    ...(relay === "listener" && { [folders.listenerTls]: serverSecret(name) }),
  });
  return {
    ...edgePod,
    priorityClassName: BROKER_PRIORITY,
    tolerations: createTolerations(taints),
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }],
        },
      },
    },
    containers: [
      edgeContainer({
        name: EDGE_AGENT,
        image,
        args: [`--config=${folders.config}/${CONFIG_FILE}`],
        httpPort: EDGE_AGENT_PORT,
        ports: relay === "listener" ? [{ name: "mqtts", containerPort: MQTT_PORT }] : [],
        probeSeconds: 30,
        cpu: "10m",
        memory: MEMORY,
        goMemoryLimit: GO_MEMORY_LIMIT,
        volumeMounts: [
          { name: "config", mountPath: folders.config, readOnly: true },
          { name: "outbox", mountPath: folders.state },
          ...mounts,
        ],
      }),
    ],
    volumes: [{ name: "config", configMap: { name, defaultMode: 0o440 } }, ...volumes],
  };
}
