/** A form by which secret material is known. Expressions are such as both JavaScript and the API server (RE2) read. */
export interface SecretForm {
  /** What it is, as messages call it. */
  readonly what: string;
  /** Texts of which one stands in each: quick to look for in a large file, before the expression is tried. */
  readonly hints: readonly string[];
  /**
   * Such that time grows with the text alone, also in JavaScript: what may be repeated without end begins where nothing like
   * it stands before, or is bounded. Short, for the API server takes at most 1,000,000 a text: a tenth of the text's length, times a quarter of the
   * expression's, and times a tenth of each hint's. A ConfigMap holds 1 MiB. @default the hints say all
   */
  readonly expression?: string;
}

/** Beginnings of private keys in PEM that are encoded once more, as in a kubeconfig: their whole groups of three bytes. */
const ENCODED_KEYS = ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "].map((kind): SecretForm => {
  const bytes = Buffer.from(`-----BEGIN ${kind}PRIVATE`);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return { what: "a private key in base64", hints: [whole.toString("base64")] };
});

/**
 * Forms that their makers publish, each so particular that hardly anything else looks like it. Guessing by entropy is
 * left out: digests, ids and certificates would all be found.
 *
 * Sources: RFC 7468 (PEM), RFC 7519 (JWT), AWS IAM "Unique identifiers", and the token format pages of GitHub, GitLab,
 * Slack, Google Cloud, Stripe, npm, HashiCorp Vault, Pulumi, Docker Hub, age and K3s.
 */
export const SECRET_FORMS: readonly SecretForm[] = [
  { what: "a private key", hints: ["-----BEGIN "], expression: "BEGIN ([A-Z]+ )?PRIVATE KEY" },
  ...ENCODED_KEYS,
  { what: "an AWS access key", hints: ["AKIA", "ASIA"], expression: "\\bA[KS]IA[A-Z2-7]{16}\\b" },
  { what: "a JSON web token", hints: [".eyJ"], expression: "eyJ[\\w-]{9,400}\\.eyJ[\\w-]+\\." },
  { what: "a K3s token", hints: ["::server:", "::node:"], expression: "K10[0-9a-f]{64}::[a-z]+:." },
  { what: "a GitHub token", hints: ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], expression: "gh[pousr]_\\w{36}" },
  { what: "a GitHub token", hints: ["github_pat_"], expression: "github_pat_\\w{60}" },
  { what: "a GitLab token", hints: ["glpat-"], expression: "\\bglpat-[\\w-]{20}" },
  { what: "a Slack token", hints: ["xox"], expression: "\\bxox[abeprs]-[\\w-]{20}" },
  { what: "a Google API key", hints: ["AIza"], expression: "\\bAIza[\\w-]{35}" },
  { what: "a Stripe key", hints: ["k_live_"], expression: "\\b[rs]k_live_\\w{20}" },
  { what: "an npm token", hints: ["npm_"], expression: "\\bnpm_\\w{36}\\b" },
  { what: "a Vault token", hints: ["hvs."], expression: "\\bhvs\\.[\\w-]{24}" },
  { what: "a Pulumi token", hints: ["pul-"], expression: "\\bpul-[0-9a-f]{40}\\b" },
  { what: "a Docker Hub token", hints: ["dckr_pat_"], expression: "dckr_pat_[\\w-]{20}" },
  { what: "an age key", hints: ["AGE-SECRET-KEY-1"], expression: "KEY-1[0-9A-Z]{58}" },
  // `$`, `{`, `<`, `*` and `%` begin what is filled in later, or left out.
  { what: "a password in an address", hints: ["://"], expression: "://[\\w.~-]*:[^/@:\\s${<*%]{3,}@" },
];

/**
 * Secrets by their names: of environment variables, of a ConfigMap's keys, of headers, flags and assignments. Names and
 * values are compared in capitals. Every expression below takes time proportional to the text, also where it is tried by
 * backtracking: it begins at the start of a text or after a separator, and no two repetitions in a row share a character
 * that both could take.
 */
interface SecretNames {
  /** Names whose value is a secret. */
  readonly name: string;
  /** Names of that form that are none. */
  readonly except?: string;
  /** Values that are no secret. */
  readonly noSecret: string;
}

const SEPARATOR = "[_.-]";
const PASSWORDS = "PASSWORD|PASSWD|PASSPHRASE";
const PASSWORD_PARTS = "PASS|PWD";
const KEYS = `(ACCESS|API|ENCRYPTION|MASTER|PRIVATE|SECRET|SIGNING)${SEPARATOR}?KEY`;
const TOKENS = `((ACCESS|API|APP|AUTH|BEARER|CLIENT|REFRESH|SHARED|SIGNING|WEBHOOK)${SEPARATOR}?)?(SECRET|TOKEN)`;
/** `TLS_SECRET` names a Secret. */
const REFERENCES = `(CA|CERT|CERTIFICATE|PULL|SSL|TLS)${SEPARATOR}?SECRET`;

/** Nothing, a switch, a mask, a reference to a variable or to a vault, a template's gap, what is encrypted, a file's path. */
const NOT_LITERAL =
  "|TRUE|FALSE|YES|NO|ON|OFF|NONE|NULL|[01]|[*]+|[$]\\(\\w+\\)|[$][{].*|[{][{].*|<.*>|VAULT:.*|REF[+].*|ENC\\[.*|\\.{0,2}/.*";
/** How many tokens, or for how long: no token is that short. A password may be. */
const AMOUNT = "\\d{1,9}(MS|S|M|H|D)?";

export const SECRET_NAMES: readonly SecretNames[] = [
  {
    // `PWD` alone is a folder.
    name: `(${PASSWORDS}|(^|${SEPARATOR})PASS|${SEPARATOR}PWD)$`,
    noSecret: `^(${NOT_LITERAL})$`,
  },
  {
    name: `(^|${SEPARATOR})(${TOKENS}|${KEYS})$`,
    except: `(^|${SEPARATOR})${REFERENCES}$`,
    noSecret: `^(${NOT_LITERAL}|${AMOUNT})$`,
  },
  // A header.
  { name: "(^|-)AUTHORIZATION$", noSecret: `^(${NOT_LITERAL}|[A-Z]+ +[$<{].*)$` },
];

/** Flags and assignments on a command line whose value is a secret. */
interface SecretFlags {
  /** One flag or assignment with its value: `--password hunter2`, `PGPASSWORD=hunter2`. */
  readonly flag: string;
  /** Such matches whose value is no secret. */
  readonly noSecret: string;
}

/** What command lines are separated by where several are searched as one text. */
export const LINE_END = "\r";

/** What a flag or an assignment follows: `--from-literal=password=…` and `?token=…` hold one too. */
const BEFORE = "[ \\r=,;&?]";
const WORD = "[A-Z0-9._-]*";
const VALUE = "[^ \\r,;&]*";
/** In a shell's command, `$NAME` and a command's output are references as well. */
const NOT_LITERAL_WORD = `${NOT_LITERAL}|[$][A-Z_(].*|\`.*`.replaceAll(".*", "[^ ]*");
/** Flags that take no value: what follows is another argument. */
const SWITCHES = `-+(ALLOW|ASK|DISABLE|ENABLE|FORCE|NO|PROMPT|REQUIRE|RESET|SHOW|SKIP|USE)${SEPARATOR}[^ =]* .*`;

const flags = (name: string): string => `(^|${BEFORE})(-${WORD}${name} +[^ \\r-]${VALUE}|${WORD}${name}=${VALUE})`;
const noFlags = (...values: readonly string[]): string => `^${BEFORE}?(${SWITCHES}|[^ =]*[ =]+(${values.join("|")}))$`;

/** Arguments of a client before the flag that matters: so few that no text takes long. */
const ARGUMENTS = "( [^ \\r;&|]{1,64}){0,8}";
/** Clients whose flag for a password is a single letter. */
const CLIENTS = [
  `(REDIS|VALKEY)-CLI${ARGUMENTS} -A +`,
  `(MONGO|MONGOSH|MOSQUITTO_(PUB|RR|SUB)|SSHPASS)${ARGUMENTS} -P +`,
  `(MARIADB|MYSQL)(-?(ADMIN|DUMP))?${ARGUMENTS} -P`,
  `CURL${ARGUMENTS} (-U|--(PROXY-)?USER)[ =]+[^ \\r:]{0,64}:`,
];

export const SECRET_FLAGS: readonly SecretFlags[] = [
  {
    flag: `(^|[ \\r/])(${CLIENTS.join("|")})[^ \\r-]${VALUE}`,
    // In capitals, `-P` is also the flag for a port.
    noSecret: `^[ \\r/]?(${CLIENTS.join("|")})(${NOT_LITERAL_WORD}|${AMOUNT})$`,
  },
  { flag: flags(`(${PASSWORDS})`), noSecret: noFlags(NOT_LITERAL_WORD) },
  { flag: flags(`(${SEPARATOR}|\\b)(${PASSWORD_PARTS})`), noSecret: noFlags(NOT_LITERAL_WORD) },
  {
    flag: flags(`(${SEPARATOR}|\\b)(${TOKENS}|${KEYS})`),
    noSecret: `${noFlags(NOT_LITERAL_WORD, AMOUNT)}|^${BEFORE}?(${WORD}${SEPARATOR})?${REFERENCES}[ =]`,
  },
];
