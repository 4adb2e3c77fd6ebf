import type { KubeObject } from "../fleet/kubernetes/object";
import { quoted } from "./admission/cel";

/**
 * How a Mosquitto configuration is read: an option a line, its words parted by spaces (mosquitto.conf(5)). Expressions
 * are such as both JavaScript and the API server (RE2) read; a text is one whose lines are trimmed, after a line break.
 */

/** Known by its options, whatever the file is called; the ending keeps scripts and documents out. */
const ENDING = ".conf";
const OPTIONS = ["per_listener_settings ", "allow_anonymous ", "max_queued_messages ", "persistence_location "];
/** Of these words one stands in each such file; short, for the API server counts their length times the text's. */
const HINTS = ["listener", "anonymous", "max_queue", "persisten"];
/** A listener has a port; in other programs' files something else follows the word. */
const PORT = "\nlistener +[0-9]";

/** What parts the listeners. */
const LISTENER = "\nlistener ";
const PER_LISTENER = "\nper_listener_settings +true";
/** The old way to open a listener: its options are those before any other listener's. */
const DEFAULT_LISTENER = "\nport +[1-9]";
/** A listener that is a socket of the file system: nothing of it goes over a network. */
const SOCKET = "^ *0 +/";

/** An expression for a line that states an option in some way. */
export const stated = (option: string, value = "[^ ]"): string => `\n${option} +${value}`;

/** One Mosquitto configuration in a ConfigMap. */
export interface MosquittoText {
  /** The ConfigMap's key. */
  readonly key: string;
  readonly text: string;
}

const port = new RegExp(PORT);
const isMosquitto = (text: string): boolean =>
  OPTIONS.some((option) => text.includes(`\n${option}`)) || port.test(text);

export function mosquittoTexts({ apiVersion, kind, data }: KubeObject): MosquittoText[] {
  if (apiVersion !== "v1" || kind !== "ConfigMap") return [];
  return Object.entries((data ?? {}) as Record<string, unknown>)
    .filter((entry): entry is [string, string] => entry[0].endsWith(ENDING) && typeof entry[1] === "string")
    .map(([key, value]) => ({ key, text: trimmed(value) }))
    .filter(({ text }) => isMosquitto(text));
}

const trimmed = (text: string): string =>
  `\n${text
    .split("\n")
    .map((line) => line.trim())
    .join("\n")}`;

/** The same in CEL: a list of texts. Lines are looked at only where an option stands somewhere, for that is dear. */
export const MOSQUITTO_TEXTS =
  `object.?data.orValue({}).filter(k, k.endsWith(${quoted(ENDING)}) && ` +
  `(${HINTS.map((hint) => `object.data[k].contains(${quoted(hint)})`).join(" || ")}))` +
  `.map(k, "\\n" + object.data[k].split("\\n").map(l, l.trim()).join("\\n"))` +
  `.filter(t, ${OPTIONS.map((option) => `t.contains(${quoted(`\n${option}`)})`).join(" || ")} || t.matches(${quoted(PORT)}))`;

/** A part of a configuration that has to keep something. */
export interface Section {
  readonly text: string;
  /** The listener it is about: `listener 1883`; undefined for the whole file. */
  readonly listener?: string;
}

/** Each listener that a network reaches. */
export function networkListeners(text: string): Section[] {
  return listeners(text).filter(({ text: section }) => section.startsWith("\n") || !new RegExp(SOCKET).test(section));
}

/** What authentication and access belong to: each listener where they are said so, else the file as a whole. */
export function securitySections(text: string): Section[] {
  return new RegExp(PER_LISTENER).test(text) ? listeners(text) : [{ text }];
}

function listeners(text: string): Section[] {
  const [defaults = "", ...rest] = text.split(LISTENER);
  const named = rest.map((section) => ({ text: section, listener: `listener ${section.split("\n")[0]!.trim()}` }));
  return new RegExp(DEFAULT_LISTENER).test(text) ? [{ text: defaults, listener: "port" }, ...named] : named;
}

/** True where each section of a CEL text `t` keeps `expression`, which calls it `s`. */
export function eachNetworkListener(expression: string): string {
  return `${LISTENERS}.all(s, !s.startsWith("\\n") && s.matches(${quoted(SOCKET)}) || (${expression}))`;
}

export function eachSecuritySection(expression: string): string {
  return `(t.matches(${quoted(PER_LISTENER)}) ? ${LISTENERS} : [t]).all(s, ${expression})`;
}

const LISTENERS =
  `t.split(${quoted(LISTENER)})` + `.filter(s, !s.startsWith("\\n") || t.matches(${quoted(DEFAULT_LISTENER)}))`;
