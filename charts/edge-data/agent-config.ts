import type { EdgeRelay, EdgeRoute, EdgeSensor } from "../../fleet/model";
import { MQTT_PORT } from "../mqtt/names";
import type { OutboxLimits } from "./outbox";

/** Name of the configuration file in its ConfigMap. */
export const CONFIG_FILE = "edge-agent.json";

/** Folders of the agent's container. */
export const folders = { config: "/config", state: "/state", tls: "/tls", listenerTls: "/listener-tls" } as const;

/** What the configuration of an agent is rendered from. */
export interface AgentSettings {
  /** Name of the node. */
  readonly node: string;
  /** Host name of the broker, which is in its certificate. */
  readonly brokerHost: string;
  readonly classes: readonly OutboxLimits[];
  readonly sensors: readonly EdgeSensor[];
  readonly routes: readonly EdgeRoute[];
  readonly relay: EdgeRelay;
}

const certificates = (folder: string, authority: string): Readonly<Record<string, string>> => ({
  [authority]: `${folder}/ca.crt`,
  certificate: `${folder}/tls.crt`,
  key: `${folder}/tls.key`,
});

const duration = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;

function renderSensor({ intervalSeconds, simulated, modbus, ...sensor }: EdgeSensor): object {
  const { periodSeconds, ...wave } = simulated ?? {};
  return {
    ...sensor,
    interval: duration(intervalSeconds),
    ...(modbus
      ? { driver: "modbus", modbus }
      : {
          driver: "simulated",
          simulated: { ...wave, ...(periodSeconds !== undefined && { period: duration(periodSeconds) }) },
        }),
  };
}

const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, item]) => [key, sortKeys(item)]));
};

/** Returns the file of a configuration. Its keys are sorted, as by Helm, so that both render the same bytes. */
export const renderConfig = (config: object): string => `${JSON.stringify(sortKeys(config), null, 2)}\n`;

/** Returns the configuration of an agent: `runtime/pkg/edgeagent/config`. It contains paths of secrets, but no secrets. */
export function agentConfig({ node, brokerHost, classes, sensors, routes, relay }: AgentSettings): object {
  const connection = { address: `mqtts://${brokerHost}:${MQTT_PORT}`, tls: certificates(folders.tls, "ca") };
  const listen = { address: `:${MQTT_PORT}`, tls: certificates(folders.listenerTls, "clientCA") };
  return {
    node,
    stateDir: folders.state,
    uplink: connection,
    relay: {
      ...(relay === "listener" && { listen }),
      ...(relay === "broker" && routes.length > 0 && { broker: connection }),
    },
    classes,
    routes,
    sensors: sensors.map(renderSensor),
  };
}
