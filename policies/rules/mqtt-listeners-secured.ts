import { pathText } from "../../fleet/problem";
import { CONFIG_MAPS } from "../admission/resources";
import { type Condition, holds } from "../mosquitto/conditions";
import { findMosquittoTexts, MOSQUITTO_TEXTS } from "../mosquitto/config";
import { everyNetworkListener, findNetworkListeners } from "../mosquitto/listeners";
import type { ObjectRule } from "../engine/rule";

const TRUE = "true|1";
const FALSE = "false|0";

/** Plugins of Mosquitto 2.1 that replace only `password_file` or only `acl_file`. */
const PASSWORD_PLUGIN = "password_file[^/]*$";
const ACL_PLUGIN = "acl_file[^/]*$";

/** Accepts any other plugin: whether it authenticates and authorizes depends on settings that are not visible here. */
const usesPlugin = (unless: string): Condition[] => [
  { in: "security", line: "^(auth_)?plugin ", unless },
  { in: "file", line: "^global_plugin ", unless },
  { usesPluginUnless: unless },
];

const PRE_SHARED_KEYS: Condition = {
  all: [
    { in: "section", sets: "psk_hint" },
    { in: "security", sets: "psk_file" },
  ],
};

interface Requirement {
  readonly condition: Condition;
  /** Also applies to the listener that old versions open for a file without listeners. */
  readonly implied: boolean;
  readonly message: string;
}

const REQUIREMENTS: readonly Requirement[] = [
  {
    condition: {
      any: [
        {
          all: [
            { in: "section", sets: "certfile" },
            { in: "section", sets: "keyfile" },
          ],
        },
        PRE_SHARED_KEYS,
      ],
    },
    implied: false,
    message: "has no TLS: must set certfile and keyfile, or psk_hint and psk_file",
  },
  {
    // A listener's own setting (Mosquitto 2.1) takes precedence. Versions before 2.0 allow anonymous clients by default, so
    // the option must be set.
    condition: {
      any: [
        { in: "section", option: "listener_allow_anonymous", is: FALSE },
        {
          all: [
            { not: { in: "section", sets: "listener_allow_anonymous" } },
            { in: "security", option: "allow_anonymous", is: FALSE },
          ],
        },
      ],
    },
    implied: true,
    message: "allows anonymous clients: must set allow_anonymous false or listener_allow_anonymous false",
  },
  {
    condition: {
      any: [
        {
          all: [
            { any: [{ in: "section", option: "require_certificate", is: TRUE }, PRE_SHARED_KEYS] },
            { in: "section", option: "use_identity_as_username", is: TRUE },
          ],
        },
        {
          all: [
            { in: "section", option: "require_certificate", is: TRUE },
            { in: "section", option: "use_subject_as_username", is: TRUE },
          ],
        },
        { in: "security", sets: "password_file" },
        ...usesPlugin(ACL_PLUGIN),
      ],
    },
    implied: true,
    message:
      "does not authenticate clients: must set use_identity_as_username with require_certificate or psk_file, or password_file, or a plugin",
  },
  {
    condition: { any: [{ in: "security", sets: "acl_file" }, ...usesPlugin(PASSWORD_PLUGIN)] },
    implied: true,
    message: "does not restrict access to topics: must set acl_file or a plugin",
  },
];

export const mqttListenersSecured: ObjectRule = {
  subject: "object",
  id: "mqtt-listeners-secured",
  title: "MQTT listeners use TLS, authenticate clients and restrict their access",
  why: "A client that reaches an open listener can read every sensor and command every actuator of the region.",
  severity: "error",
  remedy:
    "Set certfile, keyfile, require_certificate true and use_identity_as_username true for each listener. Also set allow_anonymous false and acl_file. The chart MqttBrokersChart renders such a file.",
  check: (object) =>
    findMosquittoTexts(object).flatMap(({ key, text }) =>
      REQUIREMENTS.flatMap(({ condition, implied, message }) =>
        findNetworkListeners(text, implied)
          .filter(({ scopes }) => !holds(condition, scopes))
          .map(({ name }) => ({ path: pathText(["data", key]), message: `${name} ${message}` })),
      ),
    ),
  admission: {
    resources: [CONFIG_MAPS],
    variables: [{ name: "mosquittoTexts", expression: MOSQUITTO_TEXTS }],
    validations: REQUIREMENTS.map(({ condition, implied, message }) => ({
      expression: `variables.mosquittoTexts.all(t, ${everyNetworkListener(condition, implied)})`,
      message: `An MQTT listener ${message}.`,
    })),
  },
};
