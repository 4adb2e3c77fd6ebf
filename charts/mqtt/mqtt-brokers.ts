import { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import type { Construct } from "constructs";
import type { Broker, CloudBroker, ClusterSpec } from "../../fleet/model";
import { images } from "../images";
import { cloudBrokerPlacement, edgeBrokerPlacement } from "./broker-placement";
import { cloudBrokerSettings, edgeBrokerSettings } from "./broker-settings";
import { BROKER_ACCOUNT, BROKER_PRIORITY, MqttBroker } from "./mqtt-broker";
import { MQTT_NAMESPACE } from "./names";
import { DENY_ALL } from "../network";
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
      recordOrigin(this.edgeBroker(cluster, broker, image), `brokers[${index}]`),
    );
  }

  private cloudBroker(cluster: ClusterSpec, cloud: CloudBroker, image: string): MqttBroker {
    return new MqttBroker(this, `broker-${cloud.name}`, {
      ...cloudBrokerSettings(cluster, cloud),
      storageGiB: cloud.storageGiB,
      place: cloudBrokerPlacement(cluster),
      cpu: "100m",
      image,
    });
  }

  private edgeBroker(cluster: ClusterSpec, broker: Broker, image: string): MqttBroker {
    return new MqttBroker(this, `broker-${broker.name}`, {
      ...edgeBrokerSettings(cluster, broker),
      storageGiB: broker.storageGiB,
      place: edgeBrokerPlacement(cluster, broker),
      image,
    });
  }
}
