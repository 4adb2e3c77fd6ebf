import { connect, type PeerCertificate, type TLSSocket } from "node:tls";

import type { CoreV1Api, KubeConfig, V1Secret, V1SecretList } from "@kubernetes/client-node";

import { certificateExpiries } from "../../fleet/certificate-expiry";
import { BOOTSTRAP_NAMESPACE, BOOTSTRAP_TYPE } from "../../fleet/k3s/bootstrap-secret";
import type { ExpiryStatus } from "./report";

type Expiry = Omit<ExpiryStatus, "cluster">;

const CONNECT_TIMEOUT_MS = 5_000;

const decode = (value: string | undefined): string => Buffer.from(value ?? "", "base64").toString("utf8");

const toExpiries = (kind: Expiry["kind"], pem: string): Expiry[] =>
  certificateExpiries(pem).map(({ subject, expires }) => ({ kind, name: subject, expires: expires.toISOString() }));

/**
 * Returns the expiry of the certificates that an API server presents: its own, and the authorities of its chain. Reads their
 * dates only, so it does not verify them.
 */
async function presentedExpiries(endpoint: string): Promise<Expiry[]> {
  const { hostname, port } = new URL(endpoint);
  const socket = await new Promise<TLSSocket>((resolve, reject) => {
    const opened = connect(
      { host: hostname, port: Number(port || 443), rejectUnauthorized: false, timeout: CONNECT_TIMEOUT_MS },
      () => resolve(opened),
    );
    opened.on("error", reject);
    opened.on("timeout", () => opened.destroy(new Error(`no TLS connection within ${CONNECT_TIMEOUT_MS} ms`)));
  });
  try {
    const found: Expiry[] = [];
    const seen = new Set<string>();
    let certificate: PeerCertificate | undefined = socket.getPeerCertificate(true);
    // The issuer of a root is the root.
    while (certificate?.raw && !seen.has(certificate.fingerprint256)) {
      seen.add(certificate.fingerprint256);
      const kind = found.length === 0 ? "server-certificate" : "authority";
      found.push({
        kind,
        name: [certificate.subject.CN].flat().join(" "),
        expires: new Date(certificate.valid_to).toISOString(),
      });
      certificate = (certificate as { readonly issuerCertificate?: PeerCertificate }).issuerCertificate;
    }
    return found;
  } finally {
    socket.destroy();
  }
}

/** Returns the expiry of the authorities for clients, which every API server publishes. */
async function clientAuthorityExpiries(core: CoreV1Api): Promise<Expiry[]> {
  const name = "extension-apiserver-authentication";
  const { data = {} } = await core.readNamespacedConfigMap({ namespace: "kube-system", name });
  return ["client-ca-file", "requestheader-client-ca-file"].flatMap((key) => toExpiries("authority", data[key] ?? ""));
}

/** Returns the expiry of the certificates of MQTT brokers and clients, named `<namespace>/<Secret>`. */
function brokerExpiries({ metadata, data = {} }: V1Secret): Expiry[] {
  const name = `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
  const leaves = toExpiries("broker-certificate", decode(data["tls.crt"])).slice(0, 1);
  return [...leaves.map((leaf) => ({ ...leaf, name })), ...toExpiries("authority", decode(data["ca.crt"]))];
}

function tokenExpiry({ data = {} }: V1Secret): Expiry[] {
  const expires = new Date(decode(data.expiration));
  if (Number.isNaN(expires.getTime())) return [];
  return [{ kind: "bootstrap-token", name: decode(data["token-id"]), expires: expires.toISOString() }];
}

/** Reads what a request returns. Without the permission, the report has no entries for it. */
async function ifPermitted<T>(request: Promise<readonly T[]>): Promise<readonly T[]> {
  return request.catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 403) return [];
    throw error;
  });
}

const distinct = (expiries: readonly Expiry[]): Expiry[] => [
  ...new Map(expiries.map((each) => [`${each.kind}\0${each.name}\0${each.expires}`, each])).values(),
];

/** Collects when the credentials and certificates of a cluster expire. Keeps no secret. */
export async function collectExpiries(core: CoreV1Api, config: KubeConfig): Promise<Expiry[]> {
  const itemsOf = (request: Promise<V1SecretList>) => ifPermitted(request.then(({ items }) => items));
  const tls = { fieldSelector: "type=kubernetes.io/tls", labelSelector: "app.kubernetes.io/managed-by=skerry" };
  const bootstrap = { namespace: BOOTSTRAP_NAMESPACE, fieldSelector: `type=${BOOTSTRAP_TYPE}` };
  const [presented, authorities, brokers, tokens] = await Promise.all([
    // An API server that only a proxy reaches presents nothing.
    presentedExpiries(config.getCurrentCluster()?.server ?? "").catch(() => []),
    ifPermitted(clientAuthorityExpiries(core)),
    itemsOf(core.listSecretForAllNamespaces(tls)),
    itemsOf(core.listNamespacedSecret(bootstrap)),
  ]);
  return distinct([
    ...toExpiries("admin-certificate", decode(config.getCurrentUser()?.certData)).slice(0, 1),
    ...presented,
    ...authorities,
    ...brokers.flatMap(brokerExpiries),
    ...tokens.flatMap(tokenExpiry),
  ]);
}
