/** Namespace of every broker. */
export const MQTT_NAMESPACE = "mqtt";

/** The one port brokers listen on: MQTT over TLS. */
export const MQTT_PORT = 8883;

/** Secret with a broker's own certificate: `ca.crt`, `tls.crt`, `tls.key`. */
export const serverSecret = (broker: string): string => `${broker}-tls`;

/** Secret with the certificate by which an edge broker is known to the cloud broker. */
export const bridgeSecret = (broker: string): string => `${broker}-bridge-tls`;

/** Secret with the certificate of one client of a broker. */
export const clientSecret = (broker: string, client: string): string => `${broker}-client-${client}`;

/** Host name of a broker inside its cluster. */
export const serviceHost = (broker: string): string => `${broker}.${MQTT_NAMESPACE}.svc`;

/**
 * Who a certificate says its holder is (its common name), which is the user name that access lists go by. The broker is
 * part of it, so that a client of one broker is a stranger to every other broker of the cluster.
 */
export const identity = {
  bridge: (broker: string): string => `bridge:${broker}`,
  client: (broker: string, client: string): string => `client:${broker}:${client}`,
} as const;

/** Id by which an edge broker's bridge connects; also part of the topic that says whether it is connected. */
export const bridgeClientId = (broker: string): string => `bridge-${broker}`;

/** Retained by the cloud broker: `1` while that edge broker's bridge is connected, else `0`. */
export const bridgeStateTopic = (broker: string): string => `$SYS/broker/connection/${bridgeClientId(broker)}/state`;
