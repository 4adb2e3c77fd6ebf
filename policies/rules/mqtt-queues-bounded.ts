import { pathText } from "../../fleet/problem";
import { CONFIG_MAPS } from "../admission/resources";
import { type Condition, conditionCel, holds } from "../mosquitto/conditions";
import { findMosquittoTexts, MOSQUITTO_TEXTS } from "../mosquitto/config";
import type { ObjectRule } from "../engine/rule";

/** Limits, each with the options that set it. Mosquitto treats 0 as unlimited. */
const LIMITS: readonly { readonly what: string; readonly options: readonly string[] }[] = [
  { what: "queue length", options: ["max_queued_messages"] },
  { what: "queue size", options: ["max_queued_bytes"] },
  { what: "message size", options: ["message_size_limit", "max_packet_size"] },
  { what: "broker memory", options: ["memory_limit"] },
];

const isLimited = (options: readonly string[]): Condition => ({
  any: options.map((option): Condition => ({ in: "file", option, is: "0*[1-9][0-9]*" })),
});
/** These options apply to the whole broker, so every scope is the whole file. */
const wholeFile = (text: string) => ({ section: text, security: text, file: text });

export const mqttQueuesBounded: ObjectRule = {
  subject: "object",
  id: "mqtt-queues-bounded",
  title: "MQTT brokers limit their queues, message sizes and memory",
  why: "Queues grow while a link is down. Without limits, one disconnected client can exhaust the broker's memory, and all queues are lost.",
  severity: "warning",
  remedy: `Set ${LIMITS.map(({ options }) => options[0]).join(", ")} to values greater than 0. The chart MqttBrokersChart derives them from the device's memory.`,
  check: (object) =>
    findMosquittoTexts(object).flatMap(({ key, text }) =>
      LIMITS.filter(({ options }) => !holds(isLimited(options), wholeFile(text))).map(({ what, options }) => ({
        path: pathText(["data", key]),
        message: `${what} is unlimited: ${options.join(" or ")} must be greater than 0`,
      })),
    ),
  admission: {
    resources: [CONFIG_MAPS],
    variables: [{ name: "mosquittoTexts", expression: MOSQUITTO_TEXTS }],
    validations: LIMITS.map(({ what, options }) => ({
      expression: `variables.mosquittoTexts.all(t, ${conditionCel(isLimited(options), wholeFile("t"))})`,
      message: `The ${what} of an MQTT broker is unlimited: ${options.join(" or ")} must be greater than 0.`,
    })),
  },
};
