import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";

import { EDGE_INGEST } from "../../fleet/edge-data/agent-nodes";
import type { EdgeDatabase, EdgeSqlite } from "../../fleet/model";
import { images } from "../images";
import type { PlaceBroker } from "../mqtt/broker-placement";
import { STORAGE_CLASS, toBroker } from "../mqtt/mqtt-broker";
import { MQTT_NAMESPACE, clientSecret, serviceHost } from "../mqtt/names";
import { DENY_ALL, tcp, toDns } from "../network";
import { brokerFlags, edgeContainer, edgePod, mountSecrets } from "./edge-program";
import { type IngestStore, ingestStore } from "./ingest-store";

/** Port of the ingest's metrics and health. */
export const EDGE_INGEST_PORT = 8651;

const MEMORY = "256Mi";
const GO_MEMORY_LIMIT = "230MiB";

const TLS = "/tls";

/** Props of {@link EdgeIngest}. */
export interface EdgeIngestProps {
  /** Name of the cloud broker. */
  readonly broker: string;
  /** The PostgreSQL database. Required unless `sqlite` is set. */
  readonly database?: EdgeDatabase;
  /** A local volume for a SQLite database. @default - the ingest uses `database` */
  readonly sqlite?: EdgeSqlite;
  /** Namespace of the ingest and of its broker, which must exist. @default "mqtt" */
  readonly namespace?: string;
  /** Adds placement constructs. @default - any node */
  readonly place?: PlaceBroker;
  /** Image of the ingest. @default - the image of this release */
  readonly image?: string;
}

/**
 * The ingest, which stores the messages of edge agents in a database and then acknowledges them.
 *
 * It is one pod. Its session at the broker is clean: while it is away, the broker keeps nothing for it, messages wait at the edge, and
 * agents send again what was not acknowledged. Its pod uses the Secret `<broker>-client-edge-ingest`, and that of the database. With
 * SQLite, it also writes a PersistentVolumeClaim.
 *
 * @throws Error unless exactly one of `database` and `sqlite` is set
 * @see docs/edge-data-fleet.md
 */
export class EdgeIngest extends Construct {
  constructor(scope: Construct, id: string, props: EdgeIngestProps) {
    super(scope, id);
    const { namespace = MQTT_NAMESPACE, broker, sqlite, place } = props;
    const store = ingestStore(props, EDGE_INGEST);
    const labels = { "app.kubernetes.io/name": EDGE_INGEST };
    const metadata = { name: EDGE_INGEST, namespace, labels };
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        ...DENY_ALL,
        podSelector: { matchLabels: labels },
        ingress: [{ ports: tcp(EDGE_INGEST_PORT) }],
        egress: [toDns, toBroker(broker), ...store.egress],
      },
    });
    if (sqlite) {
      new k8s.KubePersistentVolumeClaim(this, "data", {
        // A claim is bound only when its pod is scheduled.
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: STORAGE_CLASS,
          resources: { requests: { storage: k8s.Quantity.fromString(`${sqlite.storageGiB}Gi`) } },
        },
      });
    }
    const deployment = new k8s.KubeDeployment(this, "deployment", {
      metadata,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        // Two pods would have the same client identifier, and the broker would disconnect one for the other.
        strategy: { type: "Recreate" },
        template: { metadata: { labels }, spec: podSpec(props, namespace, store) },
      },
    });
    place?.(this, deployment);
  }
}

function podSpec(
  { broker, image = images.edgeIngest }: EdgeIngestProps,
  namespace: string,
  store: IngestStore,
): k8s.PodSpec {
  const { mounts, volumes } = mountSecrets({ [TLS]: clientSecret(broker, EDGE_INGEST) });
  return {
    ...edgePod,
    containers: [
      edgeContainer({
        name: EDGE_INGEST,
        image,
        // The broker knows the pod under the name of the program in its log. A new pod continues no session.
        args: [...brokerFlags(serviceHost(broker, namespace), EDGE_INGEST, TLS), ...store.args],
        httpPort: EDGE_INGEST_PORT,
        probeSeconds: 10,
        cpu: "50m",
        memory: MEMORY,
        goMemoryLimit: GO_MEMORY_LIMIT,
        volumeMounts: [...mounts, store.mount],
      }),
    ],
    volumes: [...volumes, store.volume],
  };
}
