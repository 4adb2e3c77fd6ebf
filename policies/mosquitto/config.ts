import type { KubeObject } from "../../fleet/kubernetes/object";
import { quoted } from "../admission/cel";

/**
 * A Mosquitto configuration has one option a line, its words separated by spaces (mosquitto.conf(5)). Both this module and
 * its CEL form read it into a normal form: lines trimmed, words separated by one space, a line break before and after each
 * line. Expressions are such as both JavaScript and the API server (RE2) read.
 */

/** Known by its options, whatever the file is called; the ending keeps scripts and documents out. */
const ENDING = ".conf";
const OPTIONS = [
  "per_listener_settings ",
  "allow_anonymous ",
  "listener_allow_anonymous ",
  "max_queued_messages ",
  "persistence_location ",
];
/** Each such file contains one of these words; short, for the API server counts their length times the text's. */
const HINTS = ["listener", "anonymous", "max_queue", "persisten"];
/** A listener has a port; in other programs' files something else follows the word. */
const PORT = "\nlistener [0-9]";

/** One Mosquitto configuration in a ConfigMap. */
export interface MosquittoText {
  /** The ConfigMap's key. */
  readonly key: string;
  /** In normal form. */
  readonly text: string;
}

const port = new RegExp(PORT);
const isMosquitto = (text: string): boolean =>
  OPTIONS.some((option) => text.includes(`\n${option}`)) || port.test(text);

const normalized = (text: string): string =>
  `\n${text
    .split("\n")
    .map((line) =>
      line
        .trim()
        .split(" ")
        .filter((word) => word !== "")
        .join(" "),
    )
    .join("\n")}\n`;

export function mosquittoTexts({ apiVersion, kind, data }: KubeObject): MosquittoText[] {
  if (apiVersion !== "v1" || kind !== "ConfigMap") return [];
  return Object.entries((data ?? {}) as Record<string, unknown>)
    .filter((entry): entry is [string, string] => entry[0].endsWith(ENDING) && typeof entry[1] === "string")
    .map(([key, value]) => ({ key, text: normalized(value) }))
    .filter(({ text }) => isMosquitto(text));
}

/** The same in CEL: a list of texts. Lines are read only where a hint is found, because that is expensive. */
export const MOSQUITTO_TEXTS =
  `object.?data.orValue({}).filter(k, k.endsWith(${quoted(ENDING)}) && ` +
  `(${HINTS.map((hint) => `object.data[k].contains(${quoted(hint)})`).join(" || ")}))` +
  `.map(k, "\\n" + object.data[k].split("\\n")` +
  `.map(l, l.trim().split(" ").filter(w, w != "").join(" ")).join("\\n") + "\\n")` +
  `.filter(t, ${OPTIONS.map((option) => `t.contains(${quoted(`\n${option}`)})`).join(" || ")} || t.matches(${quoted(PORT)}))`;
