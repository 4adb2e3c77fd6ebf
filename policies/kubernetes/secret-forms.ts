/** A pattern of secret values. Both JavaScript and the API server (RE2) accept its expression. */
export interface SecretForm {
  /** Its name in messages. */
  readonly what: string;
  /** Every match contains one of these texts. They are quick to find in a large file before the expression is tried. */
  readonly hints: readonly string[];
  /**
   * Takes linear time in JavaScript too: repetitions are bounded, or preceded by something that they do not match. Short,
   * because the API server limits the cost of a check to 1,000,000: a tenth of the text's length, times a quarter of the
   * expression's and a tenth of each hint's. A ConfigMap holds up to 1 MiB.
   *
   * @default a hint alone is a match
   */
  readonly expression?: string;
}

/** PEM headers of private keys in base64, as in a kubeconfig, cut to whole groups of three bytes. */
const ENCODED_KEYS = ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "].map((kind): SecretForm => {
  const bytes = Buffer.from(`-----BEGIN ${kind}PRIVATE`);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return { what: "a private key in base64", hints: [whole.toString("base64")] };
});

/**
 * Patterns that the issuers of secrets publish, each specific enough to have few false positives. High entropy is no
 * criterion: it would match digests, ids and certificates.
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
  // `$`, `{`, `<`, `*` and `%` begin placeholders and masks.
  { what: "a password in an address", hints: ["://"], expression: "://[\\w.~-]*:[^/@:\\s${<*%]{3,}@" },
];

/**
 * Names whose value is a secret: of environment variables, keys of a ConfigMap, headers, flags and assignments. Names and
 * values are compared in upper case. Every expression below takes linear time, even with backtracking: it begins at the
 * start of the text or after a separator, and consecutive repetitions have no characters in common.
 */
interface SecretNames {
  /** Matches the names. */
  readonly name: string;
  /** Matches names that are excluded. */
  readonly except?: string;
  /** Matches values that are not secret. */
  readonly noSecret: string;
}

const SEPARATOR = "[_.-]";
const PASSWORDS = "PASSWORD|PASSWD|PASSPHRASE";
const PASSWORD_PARTS = "PASS|PWD";
const KEYS = `(ACCESS|API|ENCRYPTION|MASTER|PRIVATE|SECRET|SIGNING)${SEPARATOR}?KEY`;
const TOKENS = `((ACCESS|API|APP|AUTH|BEARER|CLIENT|REFRESH|SHARED|SIGNING|WEBHOOK)${SEPARATOR}?)?(SECRET|TOKEN)`;
/** `TLS_SECRET` names a Secret. */
const REFERENCES = `(CA|CERT|CERTIFICATE|PULL|SSL|TLS)${SEPARATOR}?SECRET`;

/** Empty values, switches, masks, references to variables and vaults, placeholders, encrypted values and file paths. */
const NOT_LITERAL =
  "|TRUE|FALSE|YES|NO|ON|OFF|NONE|NULL|[01]|[*]+|[$]\\(\\w+\\)|[$][{].*|[{][{].*|<.*>|VAULT:.*|REF[+].*|ENC\\[.*|\\.{0,2}/.*";
/** Amounts and durations. Tokens are longer; passwords may not be. */
const AMOUNT = "\\d{1,9}(MS|S|M|H|D)?";

export const SECRET_NAMES: readonly SecretNames[] = [
  {
    // `PWD` alone is the working directory.
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
  /** Matches those whose value is not secret. */
  readonly noSecret: string;
}

/** Separates command lines that are searched as one text. */
export const LINE_END = "\r";

/** What precedes a flag or an assignment, as in `--from-literal=password=…` and `?token=…`. */
const BEFORE = "[ \\r=,;&?]";
const WORD = "[A-Z0-9._-]*";
const VALUE = "[^ \\r,;&]*";
/** In a shell command, `$NAME` and command substitutions are references too. */
const NOT_LITERAL_WORD = `${NOT_LITERAL}|[$][A-Z_(].*|\`.*`.replaceAll(".*", "[^ ]*");
/** Flags that take no value. Another argument follows. */
const SWITCHES = `-+(ALLOW|ASK|DISABLE|ENABLE|FORCE|NO|PROMPT|REQUIRE|RESET|SHOW|SKIP|USE)${SEPARATOR}[^ =]* .*`;

const flags = (name: string): string => `(^|${BEFORE})(-${WORD}${name} +[^ \\r-]${VALUE}|${WORD}${name}=${VALUE})`;
const noFlags = (...values: readonly string[]): string => `^${BEFORE}?(${SWITCHES}|[^ =]*[ =]+(${values.join("|")}))$`;

/** Arguments of a client before the flag. They are bounded, to take linear time. */
const ARGUMENTS = "( [^ \\r;&|]{1,64}){0,8}";
/** Clients with a password flag of a single letter. */
const CLIENTS = [
  `(REDIS|VALKEY)-CLI${ARGUMENTS} -A +`,
  `(MONGO|MONGOSH|MOSQUITTO_(PUB|RR|SUB)|SSHPASS)${ARGUMENTS} -P +`,
  `(MARIADB|MYSQL)(-?(ADMIN|DUMP))?${ARGUMENTS} -P`,
  `CURL${ARGUMENTS} (-U|--(PROXY-)?USER)[ =]+[^ \\r:]{0,64}:`,
];

export const SECRET_FLAGS: readonly SecretFlags[] = [
  {
    flag: `(^|[ \\r/])(${CLIENTS.join("|")})[^ \\r-]${VALUE}`,
    // In upper case, `-P` may also be the flag for a port.
    noSecret: `^[ \\r/]?(${CLIENTS.join("|")})(${NOT_LITERAL_WORD}|${AMOUNT})$`,
  },
  { flag: flags(`(${PASSWORDS})`), noSecret: noFlags(NOT_LITERAL_WORD) },
  { flag: flags(`(${SEPARATOR}|\\b)(${PASSWORD_PARTS})`), noSecret: noFlags(NOT_LITERAL_WORD) },
  {
    flag: flags(`(${SEPARATOR}|\\b)(${TOKENS}|${KEYS})`),
    noSecret: `${noFlags(NOT_LITERAL_WORD, AMOUNT)}|^${BEFORE}?(${WORD}${SEPARATOR})?${REFERENCES}[ =]`,
  },
];
