import { type Condition, conditionCel, holds, type Scope, type Scopes } from "./conditions";

/** Start of a listener's section. */
const LISTENER = "\nlistener ";
const TRUE = "true|1";

/** Each listener has separate security settings. */
const PER_LISTENER: Condition = { in: "file", option: "per_listener_settings", is: TRUE };

/** Addresses that only the pod itself reaches. */
const LOOPBACK = "127[.][0-9.]+|::1|localhost|ip6-localhost|ip6-loopback";
/** An interface takes precedence over an address. */
const onLoopback = (address: Condition): Condition => ({
  any: [
    { in: "section", option: "bind_interface", is: "lo" },
    { all: [{ not: { in: "section", sets: "bind_interface" } }, address] },
  ],
});

/** A listener on a Unix socket or a loopback address. */
const LOCAL: Condition = {
  any: [{ sectionMatches: "^0+ " }, onLoopback({ sectionMatches: `^[0-9]+ (${LOOPBACK})[ \n]` })],
};

/** Options that open the default listener at any position in the file. */
const OPENING = ["port", "bind_address"];
/**
 * Options that open the default listener, on port 1883 of every address, if they precede all listeners. Options that
 * Mosquitto 2.0 or 2.1 rejects at that position are omitted.
 */
const OPENING_BEFORE_LISTENERS = [
  "bind_interface",
  "cafile",
  "capath",
  "certfile",
  "ciphers",
  "ciphers_tls1.3",
  "crlfile",
  "dhparamfile",
  "keyfile",
  "max_connections",
  "max_qos",
  "maximum_qos",
  "protocol",
  "psk_hint",
  "require_certificate",
  "socket_domain",
  "tls_engine",
  "tls_engine_kpass_sha1",
  "tls_keyform",
  "use_identity_as_username",
  "use_subject_as_username",
  "use_username_as_clientid",
];
/** Further such options if `per_listener_settings` is true. */
const OPENING_PER_LISTENER = ["allow_zero_length_clientid", "auth_plugin", "password_file", "plugin", "psk_file"];

const setsOneOf = (scope: Scope, options: readonly string[]): Condition => ({
  any: options.map((option): Condition => ({ in: scope, sets: option })),
});
const OPENED: Condition = {
  any: [
    setsOneOf("file", OPENING),
    setsOneOf("section", OPENING_BEFORE_LISTENERS),
    { all: [PER_LISTENER, setsOneOf("section", OPENING_PER_LISTENER)] },
  ],
};
const NETWORK_DEFAULT: Condition = {
  all: [OPENED, { not: onLoopback({ in: "file", option: "bind_address", is: LOOPBACK }) }],
};
/** Before Mosquitto 2, a file without a listener opens the default one to the network. */
const NO_LISTENER: Condition = { not: { any: [{ in: "file", sets: "listener" }, OPENED] } };

/** A listener that clients may reach. */
export interface Listener {
  /** `listener 8883`, `the default listener`, or `the broker` if the file has no listener. */
  readonly name: string;
  readonly scopes: Scopes;
}

/**
 * Returns the listeners that are reachable over a network.
 *
 * @param implied whether to include the listener that old versions open for a file without listeners
 */
export function findNetworkListeners(text: string, implied: boolean): Listener[] {
  const [defaults = "", ...sections] = text.split(LISTENER);
  const scopesOf = (section: string): Scopes => ({
    section,
    file: text,
    security: holds(PER_LISTENER, { section, file: text, security: text }) ? section : text,
  });
  const open = scopesOf(terminate(defaults));
  return [
    ...(holds(NETWORK_DEFAULT, open) ? [{ name: "the default listener", scopes: open }] : []),
    ...(implied && holds(NO_LISTENER, open) ? [{ name: "the broker", scopes: open }] : []),
    ...sections
      .map((section) => ({ name: `listener ${section.split("\n")[0]!}`, scopes: scopesOf(terminate(section)) }))
      .filter(({ scopes }) => !holds(LOCAL, scopes)),
  ];
}

/** Restores the line break that splitting removed. */
const terminate = (section: string): string => (section.endsWith("\n") ? section : `${section}\n`);

/** Renders in CEL that every network listener of the text `t` meets the condition. */
export function everyNetworkListener(condition: Condition, implied: boolean): string {
  const scopes: Scopes = {
    section: "s",
    file: "t",
    security: `(${conditionCel(PER_LISTENER, { section: "t", file: "t", security: "t" })} ? s : t)`,
  };
  const cel = (each: Condition): string => conditionCel(each, scopes);
  const open: Condition = implied ? { any: [NETWORK_DEFAULT, NO_LISTENER] } : NETWORK_DEFAULT;
  return (
    `t.split(${JSON.stringify(LISTENER)}).map(part, part.endsWith("\\n") ? part : part + "\\n").all(s, ` +
    `(s.startsWith("\\n") ? !${cel(open)} : ${cel(LOCAL)}) || ${cel(condition)})`
  );
}
