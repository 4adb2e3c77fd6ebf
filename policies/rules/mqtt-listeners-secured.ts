import { formatPath } from "../../fleet/problem";
import { CONFIG_MAPS } from "../admission/resources";
import { type Condition, holds } from "../mosquitto/conditions";
import { MOSQUITTO_TEXTS, mosquittoTexts } from "../mosquitto/config";
import { everyNetworkListener, networkListeners } from "../mosquitto/listeners";
import type { ObjectRule } from "../engine/rule";

const TRUE = "true|1";
const FALSE = "false|0";

/** Mosquitto 2.1 has plugins that do what `password_file` and `acl_file` did, each one thing. */
const PASSWORDS_ALONE = "password_file[^/]*$";
const ACCESS_ALONE = "acl_file[^/]*$";

/** Other plugins may do both, and only their own settings tell. */
const byPlugin = (unless: string): Condition[] => [
  { in: "security", line: "^(auth_)?plugin ", unless },
  { in: "file", line: "^global_plugin ", unless },
  { usesPluginUnless: unless },
];

const PRE_SHARED_KEYS: Condition = {
  all: [
    { in: "section", stated: "psk_hint" },
    { in: "security", stated: "psk_file" },
  ],
};

interface Demand {
  readonly condition: Condition;
  /** Whether it also holds for the listener that a file without any opens in old versions. */
  readonly implied: boolean;
  readonly message: string;
}

const DEMANDS: readonly Demand[] = [
  {
    condition: {
      any: [
        {
          all: [
            { in: "section", stated: "certfile" },
            { in: "section", stated: "keyfile" },
          ],
        },
        PRE_SHARED_KEYS,
      ],
    },
    implied: false,
    message: "has no TLS: neither certfile and keyfile nor psk_hint and psk_file are stated",
  },
  {
    // What a listener states for itself (Mosquitto 2.1) takes precedence. It has to be stated, because versions before 2.0
    // admit everybody where it is not.
    condition: {
      any: [
        { in: "section", option: "listener_allow_anonymous", is: FALSE },
        {
          all: [
            { not: { in: "section", stated: "listener_allow_anonymous" } },
            { in: "security", option: "allow_anonymous", is: FALSE },
          ],
        },
      ],
    },
    implied: true,
    message: "admits anonymous clients: neither allow_anonymous false nor listener_allow_anonymous false applies to it",
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
        { in: "security", stated: "password_file" },
        ...byPlugin(ACCESS_ALONE),
      ],
    },
    implied: true,
    message:
      "authenticates nobody: neither use_identity_as_username with require_certificate or a psk_file, nor a password_file, nor a plugin is stated",
  },
  {
    condition: { any: [{ in: "security", stated: "acl_file" }, ...byPlugin(PASSWORDS_ALONE)] },
    implied: true,
    message: "lets every client read and write everything: neither an acl_file nor a plugin is stated",
  },
];

export const mqttListenersSecured: ObjectRule = {
  subject: "object",
  id: "mqtt-listeners-secured",
  title: "Every MQTT listener that a network reaches has TLS, authenticates its clients and restricts their access",
  why: "Whoever reaches an open listener reads every sensor and commands every actuator of the region.",
  severity: "error",
  remedy:
    "State certfile, keyfile, require_certificate true and use_identity_as_username true for each listener, and allow_anonymous false and acl_file; charts/mqtt writes such a file.",
  check: (object) =>
    mosquittoTexts(object).flatMap(({ key, text }) =>
      DEMANDS.flatMap(({ condition, implied, message }) =>
        networkListeners(text, implied)
          .filter(({ scopes }) => !holds(condition, scopes))
          .map(({ name }) => ({ path: formatPath(["data", key]), message: `${name} ${message}` })),
      ),
    ),
  admission: {
    resources: [CONFIG_MAPS],
    variables: [{ name: "mosquittoTexts", expression: MOSQUITTO_TEXTS }],
    validations: DEMANDS.map(({ condition, implied, message }) => ({
      expression: `variables.mosquittoTexts.all(t, ${everyNetworkListener(condition, implied)})`,
      message: `A listener of an MQTT broker ${message}.`,
    })),
  },
};
