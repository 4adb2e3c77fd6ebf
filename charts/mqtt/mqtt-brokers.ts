import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import { brokerMemoryMiB, cloudSessions, edgeSessions } from "../../fleet/broker-memory";
import type { Broker, CloudBroker, ClusterSpec } from "../../fleet/model";
import { images } from "../images";
import { cloudBrokerFiles, edgeBrokerFiles } from "./broker-files";
import { cloudBrokerPlacement, edgeBrokerPlacement } from "./broker-placement";
import { BROKER_ACCOUNT, BROKER_PRIORITY, MosquittoBroker, brokerSelector } from "./mosquitto-broker";
import { paths } from "./mosquitto-config";
import { MQTT_NAMESPACE, MQTT_PORT, bridgeSecret, serverSecret } from "./names";
import { DENY_ALL, tcp, toDns } from "../network";
import { recordOrigin } from "../origins";
import { OWNED } from "../system/namespaces";

/** Props of {@link MqttBrokersChart}. */
export interface MqttBrokersProps {
  readonly cluster: ClusterSpec;
  /** The cloud broker of the cluster. */
  readonly cloud: CloudBroker;
  /** Image of Mosquitto. @default the image of this release */
  readonly image?: string;
}

/** Renders the MQTT brokers of a cluster: the cloud broker in the home region, and the edge brokers bridged to it. */
export class MqttBrokersChart extends Chart {
  constructor(scope: Construct, id: string, { cluster, cloud, image = images.mosquitto }: MqttBrokersProps) {
    super(scope, id, { labels: OWNED, disableResourceNameHashes: true });
    new k8s.KubePriorityClass(this, "priority", {
      metadata: { name: BROKER_PRIORITY },
      value: 100_000,
      description: "MQTT brokers, which store messages that exist nowhere else.",
    });
    new k8s.KubeServiceAccount(this, "account", {
      metadata: { name: BROKER_ACCOUNT, namespace: MQTT_NAMESPACE },
      automountServiceAccountToken: false,
    });
    new k8s.KubeNetworkPolicy(this, "deny-all", {
      metadata: { name: "deny-all", namespace: MQTT_NAMESPACE },
      spec: DENY_ALL,
    });
    recordOrigin(this.cloudBroker(cluster, cloud, image), "cloudBroker");
    cluster.brokers.forEach((broker, index) =>
      recordOrigin(this.edgeBroker(cluster, cloud, broker, image), `brokers[${index}]`),
    );
  }

  private cloudBroker(cluster: ClusterSpec, cloud: CloudBroker, image: string): MosquittoBroker {
    return new MosquittoBroker(this, `broker-${cloud.name}`, {
      name: cloud.name,
      image,
      files: cloudBrokerFiles(cloud, cluster.brokers),
      place: cloudBrokerPlacement(cluster),
      secrets: { [paths.tls]: serverSecret(cloud.name) },
      memoryMiB: brokerMemoryMiB(cloud.queue, cloudSessions(cloud)),
      cpu: "100m",
      storageGiB: cloud.storageGiB,
    });
  }

  private edgeBroker(cluster: ClusterSpec, cloud: CloudBroker, broker: Broker, image: string): MosquittoBroker {
    const bridged = broker.forward.length > 0;
    return new MosquittoBroker(this, `broker-${broker.name}`, {
      name: broker.name,
      image,
      files: edgeBrokerFiles(broker, cloud),
      place: edgeBrokerPlacement(cluster, broker),
      secrets: {
        [paths.tls]: serverSecret(broker.name),
        ...(bridged && { [paths.bridgeTls]: bridgeSecret(broker.name) }),
      },
      memoryMiB: brokerMemoryMiB(broker.queue, edgeSessions(broker)),
      cpu: "50m",
      storageGiB: broker.storageGiB,
      egress: bridged
        ? [toDns, { to: [{ podSelector: { matchLabels: brokerSelector(cloud.name) } }], ports: tcp(MQTT_PORT) }]
        : [],
    });
  }
}
