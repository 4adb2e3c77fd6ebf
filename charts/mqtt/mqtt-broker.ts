import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";
import { brokerMemoryMiB, type Sessions } from "../../fleet/broker-memory";
import { defaults } from "../../fleet/defaults";
import type { BrokerClient, QueueLimits } from "../../fleet/model";
import { configHash } from "../config-hash";
import { restrictedContainer, restrictedPod } from "../hardening";
import { images } from "../images";
import { tcp, toDns } from "../network";
import { brokerFiles } from "./broker-files";
import type { PlaceBroker } from "./broker-placement";
import { type BridgeTopics, type BrokerSettings, sessionsOf } from "./broker-settings";
import { MOSQUITTO_HOME, paths } from "./mosquitto-config";
import { bridgeSecret, MQTT_NAMESPACE, MQTT_PORT, serverSecret } from "./names";

/** User and group of the Mosquitto image. */
const MOSQUITTO_USER = 1883;

/** Storage class of K3s, which stores a volume in a folder of the node where the pod first ran. */
export const STORAGE_CLASS = "local-path";

/** Service account of all brokers. */
export const BROKER_ACCOUNT = "mqtt-broker";

/** Priority class of brokers. It is above workloads, because brokers store messages that exist nowhere else. */
export const BROKER_PRIORITY = "skerry-mqtt-broker";

/** Returns the labels that select the pod of a broker. */
export const brokerSelector = (name: string): Record<string, string> => ({
  "app.kubernetes.io/name": "mosquitto",
  "app.kubernetes.io/instance": name,
});

/** Props of {@link MqttBroker}. */
export interface MqttBrokerProps {
  /** Name of the StatefulSet, the Service, the ConfigMap and the network policy. At most 52 characters. */
  readonly name: string;
  /** Namespace, which must exist. @default "mqtt" */
  readonly namespace?: string;
  /** Clients that may connect, with their topics. @default [] */
  readonly clients?: readonly BrokerClient[];
  /** Bridge to another broker of the namespace. @default - none */
  readonly bridge?: BridgeTopics & { readonly to: string };
  /** Brokers whose bridges end here, by name, with the topics that they exchange. @default - none */
  readonly bridges?: Readonly<Record<string, BridgeTopics>>;
  /** @default - the defaults of the fleet: 10,000 messages, 64 MiB, and 256 KiB for a message */
  readonly queue?: QueueLimits;
  /** Sessions whose queues the memory must hold. @default - the clients and the bridge */
  readonly sessions?: Sessions;
  /** Size in GiB of the local volume. @default 1 */
  readonly storageGiB?: number;
  /** Adds placement constructs for the broker's workload. @default - any node */
  readonly place?: PlaceBroker;
  /** CPU request. @default "50m" */
  readonly cpu?: string;
  /** Image of Mosquitto. @default - the image of this release */
  readonly image?: string;
}

/**
 * One Mosquitto broker, with TLS, client certificates, an access list, limits and a local volume.
 *
 * Its pods use the Secret `<name>-tls` and, with a bridge, `<name>-bridge-tls`, and the service account `mqtt-broker`. The user
 * of a client is the common name of its certificate, `client:<broker>:<client>`, and that of a bridge is `bridge:<broker>`.
 *
 * It has no disruption budget: with one replica on a local volume, a budget could only block
 * draining the node. Clients and bridges queue messages until the broker is back.
 *
 * @see docs/brokers.md
 */
export class MqttBroker extends Construct {
  /** @throws Error if a topic filter is malformed */
  constructor(scope: Construct, id: string, props: MqttBrokerProps) {
    super(scope, id);
    const { name, namespace = MQTT_NAMESPACE, bridge, place } = props;
    const settings: BrokerSettings = { clients: [], queue: defaults.queue, ...props };
    const files = brokerFiles(settings, { namespace });
    const selector = brokerSelector(name);
    const metadata = { name, namespace, labels: selector };

    new k8s.KubeConfigMap(this, "config", { metadata, data: { ...files } });
    new k8s.KubeService(this, "service", {
      metadata,
      spec: {
        selector,
        ports: [{ name: "mqtts", port: MQTT_PORT, targetPort: k8s.IntOrString.fromString("mqtts") }],
      },
    });
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: tcp(MQTT_PORT) }],
        egress: bridge ? [toDns, toBroker(bridge.to)] : [],
      },
    });
    const broker = new k8s.KubeStatefulSet(this, "broker", {
      metadata,
      spec: {
        replicas: 1,
        serviceName: name,
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        updateStrategy: { type: "RollingUpdate" },
        // Removing a broker by mistake must not delete its queue.
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: { metadata: { labels: selector, annotations: configHash(files) }, spec: podSpec(props, settings) },
        volumeClaimTemplates: [
          {
            metadata: { name: paths.data, labels: selector },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: STORAGE_CLASS,
              resources: {
                requests: { storage: k8s.Quantity.fromString(`${props.storageGiB ?? defaults.broker.storageGiB}Gi`) },
              },
            },
          },
        ],
      },
    });
    place?.(this, broker);
  }
}

/** Allows connections to a broker of the same namespace. */
export const toBroker = (name: string): k8s.NetworkPolicyEgressRule => ({
  to: [{ podSelector: { matchLabels: brokerSelector(name) } }],
  ports: tcp(MQTT_PORT),
});

function podSpec(
  { name, image = images.mosquitto, cpu = "50m", bridge }: MqttBrokerProps,
  settings: BrokerSettings,
): k8s.PodSpec {
  const memory = k8s.Quantity.fromString(`${brokerMemoryMiB(settings.queue, sessionsOf(settings))}Mi`);
  const secrets = { [paths.tls]: serverSecret(name), ...(bridge && { [paths.bridgeTls]: bridgeSecret(name) }) };
  const tcpSocket = { port: k8s.IntOrString.fromString("mqtts") };
  const folder = (path: string) => `${MOSQUITTO_HOME}/${path}`;
  return {
    serviceAccountName: BROKER_ACCOUNT,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: BROKER_PRIORITY,
    // Mosquitto saves its queues to disk when it stops.
    terminationGracePeriodSeconds: 60,
    securityContext: restrictedPod(MOSQUITTO_USER),
    containers: [
      {
        name: "mosquitto",
        image,
        imagePullPolicy: "IfNotPresent",
        workingDir: MOSQUITTO_HOME,
        command: ["mosquitto", "-c", paths.configFile],
        ports: [{ name: "mqtts", containerPort: MQTT_PORT }],
        // Loading a large queue takes minutes.
        startupProbe: { tcpSocket, periodSeconds: 5, failureThreshold: 60 },
        livenessProbe: { tcpSocket, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
        readinessProbe: { tcpSocket, periodSeconds: 10, timeoutSeconds: 5 },
        resources: { requests: { cpu: k8s.Quantity.fromString(cpu), memory }, limits: { memory } },
        securityContext: restrictedContainer,
        volumeMounts: [
          { name: paths.config, mountPath: folder(paths.config), readOnly: true },
          { name: paths.data, mountPath: folder(paths.data) },
          ...Object.keys(secrets).map((path) => ({ name: path, mountPath: folder(path), readOnly: true })),
        ],
      },
    ],
    volumes: [
      { name: paths.config, configMap: { name, defaultMode: 0o440 } },
      ...Object.entries(secrets).map(([path, secretName]) => ({
        name: path,
        secret: { secretName, defaultMode: 0o440 },
      })),
    ],
  };
}
