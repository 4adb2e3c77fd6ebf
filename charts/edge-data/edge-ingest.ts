import { k8s } from "cdk8s-plus-27";
import { Construct } from "constructs";

import { EDGE_INGEST } from "../../fleet/edge-data/agent-nodes";
import type { EdgeDatabase } from "../../fleet/model";
import { NONROOT, restrictedContainer, restrictedPod } from "../hardening";
import { images } from "../images";
import type { PlaceBroker } from "../mqtt/broker-placement";
import { toBroker } from "../mqtt/mqtt-broker";
import { MQTT_NAMESPACE, MQTT_PORT, clientSecret, serviceHost } from "../mqtt/names";
import { DENY_ALL, tcp, toDns } from "../network";

/** Port of the ingest's metrics and health. */
export const EDGE_INGEST_PORT = 8651;

const MEMORY = "256Mi";
const GO_MEMORY_LIMIT = "230MiB";

const TLS = "/tls";
const DATABASE = "/database";

/** Props of {@link EdgeIngest}. */
export interface EdgeIngestProps {
  /** Name of the cloud broker. */
  readonly broker: string;
  readonly database: EdgeDatabase;
  /** Namespace of the ingest and of its broker, which must exist. @default "mqtt" */
  readonly namespace?: string;
  /** Adds placement constructs. @default - any node */
  readonly place?: PlaceBroker;
  /** Image of the ingest. @default - the image of this release */
  readonly image?: string;
}

/**
 * The ingest, which stores the messages of edge agents in PostgreSQL and then acknowledges them.
 *
 * It is one pod. Its session at the broker is clean: while it is away, the broker keeps nothing for it, messages wait at the edge, and
 * agents send again what was not acknowledged. Its pod uses the Secret `<broker>-client-edge-ingest`, and that of the database.
 *
 * @see docs/edge-data-fleet.md
 */
export class EdgeIngest extends Construct {
  constructor(scope: Construct, id: string, props: EdgeIngestProps) {
    super(scope, id);
    const { namespace = MQTT_NAMESPACE, broker, database, place } = props;
    const labels = { "app.kubernetes.io/name": EDGE_INGEST };
    const metadata = { name: EDGE_INGEST, namespace, labels };
    new k8s.KubeNetworkPolicy(this, "traffic", {
      metadata,
      spec: {
        ...DENY_ALL,
        podSelector: { matchLabels: labels },
        ingress: [{ ports: tcp(EDGE_INGEST_PORT) }],
        // A network policy cannot name the host of the database.
        egress: [toDns, toBroker(broker), { ports: tcp(database.port) }],
      },
    });
    const deployment = new k8s.KubeDeployment(this, "deployment", {
      metadata,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: labels },
        // Two pods would have the same client identifier, and the broker would disconnect one for the other.
        strategy: { type: "Recreate" },
        template: { metadata: { labels }, spec: podSpec(props, namespace) },
      },
    });
    place?.(this, deployment);
  }
}

function podSpec({ broker, database, image = images.edgeIngest }: EdgeIngestProps, namespace: string): k8s.PodSpec {
  const { host, port, name, user, secret } = database;
  const probe = (path: string): k8s.Probe => ({
    httpGet: { path, port: k8s.IntOrString.fromString("http") },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 3,
  });
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: restrictedPod(NONROOT),
    // The ingest commits and acknowledges what it has received.
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: EDGE_INGEST,
        image,
        imagePullPolicy: "IfNotPresent",
        args: [
          `--broker=mqtts://${serviceHost(broker, namespace)}:${MQTT_PORT}`,
          // The broker knows the pod under this name in its log. A new pod continues no session.
          `--client-id=${EDGE_INGEST}`,
          `--ca-file=${TLS}/ca.crt`,
          `--cert-file=${TLS}/tls.crt`,
          `--key-file=${TLS}/tls.key`,
          `--database=postgres://${user}@${host}:${port}/${name}?sslmode=verify-full&sslrootcert=${DATABASE}/ca.crt`,
          `--database-password-file=${DATABASE}/password`,
          `--http-address=$(POD_IP):${EDGE_INGEST_PORT}`,
        ],
        env: [
          { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "GOMEMLIMIT", value: GO_MEMORY_LIMIT },
        ],
        ports: [{ name: "http", containerPort: EDGE_INGEST_PORT }],
        livenessProbe: probe("/healthz"),
        readinessProbe: probe("/readyz"),
        resources: {
          requests: { cpu: k8s.Quantity.fromString("50m"), memory: k8s.Quantity.fromString(MEMORY) },
          limits: { memory: k8s.Quantity.fromString(MEMORY) },
        },
        securityContext: restrictedContainer,
        volumeMounts: [
          { name: "tls", mountPath: TLS, readOnly: true },
          { name: "database", mountPath: DATABASE, readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "tls", secret: { secretName: clientSecret(broker, EDGE_INGEST), defaultMode: 0o440 } },
      { name: "database", secret: { secretName: secret, defaultMode: 0o440 } },
    ],
  };
}
