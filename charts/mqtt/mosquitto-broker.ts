import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";
import { configHash } from "../config-hash";
import { restrictedContainer, restrictedPod } from "../hardening";
import { tcp } from "../network";
import type { BrokerFiles } from "./broker-files";
import type { PlaceBroker } from "./broker-placement";
import { MOSQUITTO_HOME, paths } from "./mosquitto-config";
import { MQTT_NAMESPACE, MQTT_PORT } from "./names";

/** User and group of the Mosquitto image. */
const MOSQUITTO_USER = 1883;

/** Storage class of K3s, which stores a volume in a folder of the node where the pod first ran. */
const STORAGE_CLASS = "local-path";

/** Service account of all brokers. */
export const BROKER_ACCOUNT = "mqtt-broker";

/** Priority class of brokers. It is above workloads, because brokers store messages that exist nowhere else. */
export const BROKER_PRIORITY = "skerry-mqtt-broker";

/** Returns the labels that select the pod of a broker. */
export const brokerSelector = (name: string): Record<string, string> => ({
  "app.kubernetes.io/name": "mosquitto",
  "app.kubernetes.io/instance": name,
});

/** Props of {@link MosquittoBroker}. */
export interface MosquittoBrokerProps {
  /** Name of the StatefulSet, the Service, the ConfigMap and the network policy. */
  readonly name: string;
  readonly image: string;
  readonly files: BrokerFiles;
  readonly place: PlaceBroker;
  /** Secrets to mount, by folder. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Memory request and limit, in MiB. */
  readonly memoryMiB: number;
  /** CPU request. */
  readonly cpu: string;
  readonly storageGiB: number;
  /** Allowed egress. @default none */
  readonly egress?: readonly k8s.NetworkPolicyEgressRule[];
}

/**
 * One Mosquitto broker. It has no disruption budget: with one replica on a local volume, a budget could only block
 * draining the node. Clients and bridges queue messages until the broker is back.
 */
export class MosquittoBroker extends Construct {
  constructor(scope: Construct, id: string, props: MosquittoBrokerProps) {
    super(scope, id);
    const { name, files, place, egress = [] } = props;
    const selector = brokerSelector(name);
    const metadata = { name, namespace: MQTT_NAMESPACE, labels: selector };

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
        egress: [...egress],
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
        template: { metadata: { labels: selector, annotations: configHash(files) }, spec: podSpec(props) },
        volumeClaimTemplates: [
          {
            metadata: { name: paths.data, labels: selector },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: STORAGE_CLASS,
              resources: { requests: { storage: k8s.Quantity.fromString(`${props.storageGiB}Gi`) } },
            },
          },
        ],
      },
    });
    place(this, broker);
  }
}

function podSpec({ name, image, secrets, memoryMiB, cpu }: MosquittoBrokerProps): k8s.PodSpec {
  const memory = k8s.Quantity.fromString(`${memoryMiB}Mi`);
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
