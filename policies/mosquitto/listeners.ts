import { type Condition, conditionCel, holds, type Scope, type Scopes } from "./conditions";

/** What begins a listener's part of the file. */
const LISTENER = "\nlistener ";
const TRUE = "true|1";

/** Authentication and access belong to each listener, not to the broker as a whole. */
const PER_LISTENER: Condition = { in: "file", option: "per_listener_settings", is: TRUE };

/** Nothing but the pod itself reaches these addresses. */
const LOOPBACK = "127[.][0-9.]+|::1|localhost|ip6-localhost|ip6-loopback";
/** An interface takes precedence over an address. */
const onLoopback = (address: Condition): Condition => ({
  any: [
    { in: "section", option: "bind_interface", is: "lo" },
    { all: [{ not: { in: "section", stated: "bind_interface" } }, address] },
  ],
});

/** A listener that is a socket of the file system, or bound to a loopback address. */
const LOCAL: Condition = {
  any: [{ sectionMatches: "^0+ " }, onLoopback({ sectionMatches: `^[0-9]+ (${LOOPBACK})[ \n]` })],
};

/** Options that open the default listener, wherever they are stated. */
const OPENING = ["port", "bind_address"];
/**
 * Options that open it, on port 1883 of every address, where they are stated before any listener: also in a file that
 * states its listeners afterwards. Those that Mosquitto 2.0 or 2.1 refuse there are left out.
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
/** The same for options that belong to a listener where `per_listener_settings` is true. */
const OPENING_PER_LISTENER = ["allow_zero_length_clientid", "auth_plugin", "password_file", "plugin", "psk_file"];

const statesOneOf = (scope: Scope, options: readonly string[]): Condition => ({
  any: options.map((stated): Condition => ({ in: scope, stated })),
});
const OPENED: Condition = {
  any: [
    statesOneOf("file", OPENING),
    statesOneOf("section", OPENING_BEFORE_LISTENERS),
    { all: [PER_LISTENER, statesOneOf("section", OPENING_PER_LISTENER)] },
  ],
};
const NETWORK_DEFAULT: Condition = {
  all: [OPENED, { not: onLoopback({ in: "file", option: "bind_address", is: LOOPBACK }) }],
};
/** Before Mosquitto 2, a file that opens no listener opened the default one to the network. */
const NO_LISTENER: Condition = { not: { any: [{ in: "file", stated: "listener" }, OPENED] } };

/** A listener that clients may reach. */
export interface Listener {
  /** `listener 8883`; `the default listener`; `the broker` where none is stated. */
  readonly name: string;
  readonly scopes: Scopes;
}

/**
 * The listeners that a network reaches.
 *
 * @param implied whether to include the one that a file without any listener opens in old versions
 */
export function networkListeners(text: string, implied: boolean): Listener[] {
  const [defaults = "", ...stated] = text.split(LISTENER);
  const scopesOf = (section: string): Scopes => ({
    section,
    file: text,
    security: holds(PER_LISTENER, { section, file: text, security: text }) ? section : text,
  });
  const open = scopesOf(terminated(defaults));
  return [
    ...(holds(NETWORK_DEFAULT, open) ? [{ name: "the default listener", scopes: open }] : []),
    ...(implied && holds(NO_LISTENER, open) ? [{ name: "the broker", scopes: open }] : []),
    ...stated
      .map((section) => ({ name: `listener ${section.split("\n")[0]!}`, scopes: scopesOf(terminated(section)) }))
      .filter(({ scopes }) => !holds(LOCAL, scopes)),
  ];
}

/** The line break that splitting took away. */
const terminated = (section: string): string => (section.endsWith("\n") ? section : `${section}\n`);

/** True where each such listener of a CEL text `t` meets the condition. */
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
