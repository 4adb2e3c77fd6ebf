import { formatPath } from "../../fleet/problem";
import { CONFIG_MAPS } from "../admission/resources";
import { type Condition, conditionCel, holds } from "../mosquitto/conditions";
import { MOSQUITTO_TEXTS, mosquittoTexts } from "../mosquitto/config";
import type { ObjectRule } from "../engine/rule";

/** What has to have a bound, with the options of which one states it. 0 means none to Mosquitto. */
const BOUNDS: readonly { readonly what: string; readonly options: readonly string[] }[] = [
  { what: "the messages of a queue", options: ["max_queued_messages"] },
  { what: "the bytes of a queue", options: ["max_queued_bytes"] },
  { what: "the size of a message", options: ["message_size_limit", "max_packet_size"] },
  { what: "the broker's memory", options: ["memory_limit"] },
];

const bounded = (options: readonly string[]): Condition => ({
  any: options.map((option): Condition => ({ in: "file", option, is: "0*[1-9][0-9]*" })),
});
/** These options apply to the broker as a whole. */
const everywhere = (text: string) => ({ section: text, security: text, file: text });

export const mqttQueuesBounded: ObjectRule = {
  subject: "object",
  id: "mqtt-queues-bounded",
  title: "An MQTT broker's queues, messages and memory have bounds",
  why: "While a link is cut, queues grow: without bounds one client that went away fills the memory, and the broker loses the queues of all.",
  severity: "warning",
  remedy: `State ${BOUNDS.map(({ options }) => options[0]).join(", ")}, each above 0; charts/mqtt works them out from the device's memory.`,
  check: (object) =>
    mosquittoTexts(object).flatMap(({ key, text }) =>
      BOUNDS.filter(({ options }) => !holds(bounded(options), everywhere(text))).map(({ what, options }) => ({
        path: formatPath(["data", key]),
        message: `${what} has no bound: allowed is ${options.join(" or ")} above 0`,
      })),
    ),
  admission: {
    resources: [CONFIG_MAPS],
    variables: [{ name: "mosquittoTexts", expression: MOSQUITTO_TEXTS }],
    validations: BOUNDS.map(({ what, options }) => ({
      expression: `variables.mosquittoTexts.all(t, ${conditionCel(bounded(options), everywhere("t"))})`,
      message: `In an MQTT broker ${what} has no bound: ${options.join(" or ")} is 0 or not stated.`,
    })),
  },
};
