/** Namespace of all brokers. */
export const MQTT_NAMESPACE = "mqtt";

/** Port of all brokers, MQTT over TLS. */
export const MQTT_PORT = 8883;

/** Returns the name of the Secret with a broker's server certificate: `ca.crt`, `tls.crt` and `tls.key`. */
export const serverSecret = (broker: string): string => `${broker}-tls`;

/** Returns the name of the Secret with the certificate that an edge broker presents to the cloud broker. */
export const bridgeSecret = (broker: string): string => `${broker}-bridge-tls`;

/** Returns the name of the Secret with the certificate of a broker's client. */
export const clientSecret = (broker: string, client: string): string => `${broker}-client-${client}`;

/**
 * Returns the hostname of a broker inside its cluster.
 *
 * @param broker name of the broker
 * @param namespace namespace of the broker
 */
export const serviceHost = (broker: string, namespace = MQTT_NAMESPACE): string => `${broker}.${namespace}.svc`;

/**
 * Returns the common name of a certificate, which is the user name in access lists. It contains the broker, so a client
 * of one broker has no permissions on the other brokers of the cluster.
 */
export const identity = {
  bridge: (broker: string): string => `bridge:${broker}`,
  client: (broker: string, client: string): string => `client:${broker}:${client}`,
} as const;

/** Returns the client ID of an edge broker's bridge, which is also part of {@link bridgeStateTopic}. */
export const bridgeClientId = (broker: string): string => `bridge-${broker}`;

/**
 * Returns the topic where the cloud broker retains `1` while the bridge of an edge broker is connected, otherwise `0`.
 */
export const bridgeStateTopic = (broker: string): string => `$SYS/broker/connection/${bridgeClientId(broker)}/state`;
