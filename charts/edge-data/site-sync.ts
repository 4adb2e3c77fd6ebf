import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";

import { defaults } from "../../fleet/defaults";
import { HUB, SITE_SYNC, siteSyncName } from "../../fleet/edge-data/sites";
import { images } from "../images";
import type { PlaceBroker } from "../mqtt/broker-placement";
import { STORAGE_CLASS, toBroker } from "../mqtt/mqtt-broker";
import { MQTT_NAMESPACE, clientSecret, serviceHost } from "../mqtt/names";
import { DENY_ALL, tcp, toDns } from "../network";
import { brokerFlags, edgeContainer, edgePod, mountSecrets } from "./edge-program";

/** Port of the metrics and health of site-sync. */
export const SITE_SYNC_PORT = 8652;

/** Twice the resident memory with 60 records of the largest size, with room for a command that `kubectl exec` runs. */
const MEMORY = "128Mi";
const GO_MEMORY_LIMIT = "80MiB";

const STATE = "/state";
const CLOUD_TLS = "/tls";
const SITE_TLS = "/site-tls";

/** Props of {@link SiteSync}. */
export interface SiteSyncProps {
  /** Name of the site, a DNS label of at most 42 characters, or `cloud`. */
  readonly site: string;
  /** Name of the cloud broker, over which all sites exchange state with the cloud. */
  readonly broker: string;
  /** Name of the broker of the site's agents. The cloud has none. @default - no agents are configured */
  readonly siteBroker?: string;
  /** Namespace of the brokers, which must exist. @default "mqtt" */
  readonly namespace?: string;
  /** Size in GiB of the local volume. @default 1 */
  readonly storageGiB?: number;
  /** Adds placement constructs. @default - any node */
  readonly place?: PlaceBroker;
  /** Image of site-sync. @default - the image of this release */
  readonly image?: string;
}

/**
 * The state of a site, or of the cloud: a StatefulSet `site-sync-<site>` with a local volume for its SQLite database.
 *
 * Its pod uses the Secret `<broker>-client-site-sync-<site>` and, with a broker of the site, `<siteBroker>-client-site-sync`.
 * State can be written with `kubectl exec`, and HTTP serves only metrics and health.
 *
 * It has no disruption budget: with one replica on a local volume, a budget could only block draining the node.
 *
 * @throws Error if the cloud has a broker of a site
 * @see docs/edge-data-fleet.md
 */
export class SiteSync extends Construct {
  constructor(scope: Construct, id: string, props: SiteSyncProps) {
    super(scope, id);
    const { site, broker, siteBroker, namespace = MQTT_NAMESPACE, place } = props;
    const { storageGiB = defaults.siteSync.storageGiB } = props;
    if (site === HUB && siteBroker !== undefined)
      throw new Error(`${this.node.path}: siteBroker: must not be set for site ${HUB}, got ${siteBroker}`);
    const name = siteSyncName(site);
    const labels = { "app.kubernetes.io/name": SITE_SYNC, "app.kubernetes.io/instance": name };
    const metadata = { name, namespace, labels };
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        ...DENY_ALL,
        podSelector: { matchLabels: labels },
        ingress: [{ ports: tcp(SITE_SYNC_PORT) }],
        egress: [toDns, toBroker(broker), ...(siteBroker === undefined ? [] : [toBroker(siteBroker)])],
      },
    });
    const statefulSet = new k8s.KubeStatefulSet(this, "sync", {
      // A site that is offline must not make an update of the fleet wait for it.
      metadata: { ...metadata, ...(site !== HUB && { annotations: { "pulumi.com/skipAwait": "true" } }) },
      spec: {
        replicas: 1,
        serviceName: name,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        updateStrategy: { type: "RollingUpdate" },
        // Removing a site by mistake must not delete what it wrote while it was disconnected.
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        template: { metadata: { labels }, spec: podSpec(props, name, namespace) },
        volumeClaimTemplates: [
          {
            metadata: { name: "state", labels },
            spec: {
              accessModes: ["ReadWriteOnce"],
              storageClassName: STORAGE_CLASS,
              resources: { requests: { storage: k8s.Quantity.fromString(`${storageGiB}Gi`) } },
            },
          },
        ],
      },
    });
    place?.(this, statefulSet);
  }
}

function podSpec(props: SiteSyncProps, name: string, namespace: string): k8s.PodSpec {
  const { site, broker, siteBroker, image = images.siteSync } = props;
  const { mounts, volumes } = mountSecrets({
    [CLOUD_TLS]: clientSecret(broker, name),
    ...(siteBroker !== undefined && { [SITE_TLS]: clientSecret(siteBroker, SITE_SYNC) }),
  });
  return {
    ...edgePod,
    containers: [
      edgeContainer({
        name: SITE_SYNC,
        image,
        args: [
          "run",
          `--site=${site}`,
          `--database=${STATE}/state.db`,
          ...brokerFlags(serviceHost(broker, namespace), name, CLOUD_TLS),
          ...(siteBroker === undefined
            ? []
            : brokerFlags(serviceHost(siteBroker, namespace), SITE_SYNC, SITE_TLS, "site-")),
          "--http-state=false",
        ],
        httpPort: SITE_SYNC_PORT,
        probeSeconds: 30,
        cpu: "10m",
        memory: MEMORY,
        goMemoryLimit: GO_MEMORY_LIMIT,
        volumeMounts: [{ name: "state", mountPath: STATE }, ...mounts],
      }),
    ],
    volumes: [...volumes],
  };
}
