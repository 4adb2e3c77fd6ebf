import { pathText } from "../../fleet/problem";
import { quoted } from "../admission/cel";
import { CONFIG_MAPS } from "../admission/resources";
import {
  eachNetworkListener,
  eachSecuritySection,
  MOSQUITTO_TEXTS,
  mosquittoTexts,
  networkListeners,
  type Section,
  securitySections,
  stated,
} from "../mosquitto";
import type { ObjectRule } from "../rule";

/** Lines that have to be there: all of one of the lists. */
type Choice = readonly (readonly string[])[];

interface Demand {
  readonly of: "listener" | "security";
  readonly choice: Choice;
  /** A line that must not be there. */
  readonly never?: string;
  readonly message: string;
}

/** A plugin may do both, and only its own settings tell. */
const BY_PLUGIN: Choice = ["plugin", "auth_plugin", "global_plugin"].map((option) => [stated(option)]);

const DEMANDS: readonly Demand[] = [
  {
    of: "listener",
    choice: [[stated("certfile"), stated("keyfile")]],
    message: "has no TLS: certfile and keyfile are not both stated",
  },
  {
    of: "security",
    // Stated, because versions before 2.0 let everybody in where it is not.
    choice: [[stated("allow_anonymous", "(false|0)(\n|$)")]],
    never: stated("allow_anonymous", "[^f0]"),
    message: "lets anonymous clients in: allow_anonymous false is not stated",
  },
  {
    of: "security",
    choice: [
      [stated("require_certificate", "true"), stated("use_identity_as_username", "true")],
      [stated("require_certificate", "true"), stated("use_subject_as_username", "true")],
      [stated("password_file")],
      ...BY_PLUGIN,
    ],
    message:
      "knows nobody: neither require_certificate with use_identity_as_username, nor a password_file, nor a plugin is stated",
  },
  {
    of: "security",
    choice: [[stated("acl_file")], ...BY_PLUGIN],
    message: "lets every client read and write everything: no acl_file is stated",
  },
];

const has = (text: string, expression: string): boolean => new RegExp(expression).test(text);
const keeps = ({ text }: Section, { choice, never }: Demand): boolean =>
  choice.some((all) => all.every((line) => has(text, line))) && !(never !== undefined && has(text, never));

export const mqttListenersSecured: ObjectRule = {
  subject: "object",
  id: "mqtt-listeners-secured",
  title: "Every MQTT listener has TLS, knows its clients, and lets each do only what a list says",
  why: "Whoever reaches an open listener reads every sensor and commands every actuator of the region.",
  severity: "error",
  remedy:
    "State certfile, keyfile, require_certificate true and use_identity_as_username true for each listener, and allow_anonymous false and acl_file; charts/mqtt writes such a file.",
  check: (object) =>
    mosquittoTexts(object).flatMap(({ key, text }) =>
      DEMANDS.flatMap((demand) =>
        (demand.of === "listener" ? networkListeners(text) : securitySections(text))
          .filter((section) => !keeps(section, demand))
          .map(({ listener = "the broker" }) => ({
            path: pathText(["data", key]),
            message: `${listener} ${demand.message}`,
          })),
      ),
    ),
  admission: {
    resources: [CONFIG_MAPS],
    variables: [{ name: "texts", expression: MOSQUITTO_TEXTS }],
    validations: DEMANDS.map((demand) => ({
      expression: `variables.texts.all(t, ${(demand.of === "listener" ? eachNetworkListener : eachSecuritySection)(keepsCel(demand))})`,
      message: `An MQTT broker ${demand.of === "listener" ? "has a listener that " : ""}${demand.message}.`,
    })),
  },
};

function keepsCel({ choice, never }: Demand): string {
  const line = (expression: string): string => `s.matches(${quoted(expression)})`;
  const kept = choice.map((all) => `(${all.map(line).join(" && ")})`).join(" || ");
  return never === undefined ? kept : `(${kept}) && !${line(never)}`;
}
