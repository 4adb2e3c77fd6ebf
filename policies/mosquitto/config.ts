import type { KubeObject } from "../../fleet/kubernetes/object";
import { quoted } from "../admission/cel";

/**
 * A Mosquitto configuration has one option per line, with words separated by spaces (mosquitto.conf(5)). TypeScript and CEL
 * normalize it in the same way: lines are trimmed, words are separated by one space, and each line has a line break before
 * and after it. All regular expressions have the same meaning in JavaScript and in the API server (RE2).
 */

/** A file is recognized by its options. The ending excludes scripts and documents. */
const ENDING = ".conf";
const OPTIONS = [
  "per_listener_settings ",
  "allow_anonymous ",
  "listener_allow_anonymous ",
  "max_queued_messages ",
  "persistence_location ",
];
/** Each configuration contains one of these. They are short, because their cost in CEL grows with their length. */
const HINTS = ["listener", "anonymous", "max_queue", "persisten"];
/** A listener has a port. Other programs' files have something else after the word. */
const PORT = "\nlistener [0-9]";

/** One Mosquitto configuration in a ConfigMap. */
export interface MosquittoText {
  /** The ConfigMap's key. */
  readonly key: string;
  /** Normalized. */
  readonly text: string;
}

const port = new RegExp(PORT);
const isMosquitto = (text: string): boolean =>
  OPTIONS.some((option) => text.includes(`\n${option}`)) || port.test(text);

const normalize = (text: string): string =>
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

/** Returns the Mosquitto configurations in a ConfigMap. */
export function findMosquittoTexts({ apiVersion, kind, data }: KubeObject): MosquittoText[] {
  if (apiVersion !== "v1" || kind !== "ConfigMap") return [];
  return Object.entries((data ?? {}) as Record<string, unknown>)
    .filter((entry): entry is [string, string] => entry[0].endsWith(ENDING) && typeof entry[1] === "string")
    .map(([key, value]) => ({ key, text: normalize(value) }))
    .filter(({ text }) => isMosquitto(text));
}

/** `findMosquittoTexts` in CEL: a list of texts. Normalizing is expensive, so it is limited to texts with a hint. */
export const MOSQUITTO_TEXTS =
  `object.?data.orValue({}).filter(k, k.endsWith(${quoted(ENDING)}) && ` +
  `(${HINTS.map((hint) => `object.data[k].contains(${quoted(hint)})`).join(" || ")}))` +
  `.map(k, "\\n" + object.data[k].split("\\n")` +
  `.map(l, l.trim().split(" ").filter(w, w != "").join(" ")).join("\\n") + "\\n")` +
  `.filter(t, ${OPTIONS.map((option) => `t.contains(${quoted(`\n${option}`)})`).join(" || ")} || t.matches(${quoted(PORT)}))`;
