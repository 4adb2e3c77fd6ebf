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
  { what: "a private key", hints: ["-----BEGIN "], expression: "BEGIN [A-Z ]{0,20}PRIVATE KEY" },
  ...ENCODED_KEYS,
  { what: "an AWS access key", hints: ["AKIA", "ASIA"], expression: "\\bA[KS]IA[A-Z2-7]{16}\\b" },
  { what: "a JSON web token", hints: [".eyJ"], expression: "(^|[^\\w-])eyJ[\\w-]+\\.eyJ[\\w-]+\\.[\\w-]{8}" },
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

/** Names whose value is a secret: of environment variables, of a ConfigMap's keys, of flags. Told in capitals. */
export const SECRET_NAME = "(PASSWORD|PASSWD|PASSPHRASE|(^|[_.-])(SECRET|TOKEN|(API|PRIVATE|SECRET|ACCESS)[_.-]?KEY))$";

const NOT_LITERAL = "(|TRUE|FALSE|YES|NO|ON|OFF|NONE|NULL|[01]|[$]\\(\\w+\\)|[$][{].*|[{][{].*|<.*>|\\.{0,2}/.*)$";

/** Values that are none, told in capitals: nothing, a switch, a reference to a variable, a template's gap, a file's path. */
export const NO_SECRET = `^${NOT_LITERAL}`;

/** A flag with its value, `--password=…`, told in capitals. */
export const SECRET_FLAG = "^--?[A-Z0-9._-]*(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API[_.-]?KEY)=";
export const NO_SECRET_FLAG = `^[^=]*=${NOT_LITERAL}`;
