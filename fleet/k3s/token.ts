import { randomBytes, randomInt } from "node:crypto";

import { authorityHash } from "./authority-hash";

/** User of a token: with `server`, servers and agents can join; with `node`, only agents. */
export type TokenUser = "server" | "node";

/** What a K3s token proves its holder's right to join with. */
export type TokenCredentials =
  | { readonly kind: "password"; readonly user: TokenUser; /** Secret. */ readonly password: string }
  | { readonly kind: "bootstrap"; readonly id: string; /** Secret. */ readonly secret: string };

/** A parsed K3s token. */
export interface Token {
  /** Hash of the certificate authority, in 64 hex digits. A token in the short form has none. */
  readonly authorityHash?: string;
  readonly credentials: TokenCredentials;
}

/** A malformed token. The message contains no part of the token. */
export class TokenError extends Error {}

const SECURE = "K10";
const BOOTSTRAP = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const BOOTSTRAP_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Returns a K3s token in the secure form, `K10<hash>::<user>:<password>` or `K10<hash>::<id>.<secret>`. The hash lets a node
 * verify the server before it sends the credentials. Secret.
 *
 * @param bundle the certificate authority that the server presents: the content of `server/tls/server-ca.crt`
 * @see https://docs.k3s.io/cli/token#secure
 */
export function secureToken(bundle: string, credentials: TokenCredentials): string {
  return `${SECURE}${authorityHash(bundle)}::${formatCredentials(credentials)}`;
}

const formatCredentials = (credentials: TokenCredentials): string =>
  credentials.kind === "password"
    ? `${credentials.user}:${credentials.password}`
    : `${credentials.id}.${credentials.secret}`;

/**
 * Parses a K3s token in one of its forms: secure, with a password or a bootstrap token; or short, which is the password or
 * the bootstrap token alone.
 *
 * @param name what the token is, for the message of an error, such as `agent token`
 * @throws TokenError that says what is malformed, without any part of the token
 */
export function parseToken(text: string, name = "token"): Token {
  const fail = (problem: string): never => {
    throw new TokenError(`${name}: ${problem}`);
  };
  if (text === "") fail("must not be empty");
  if (/\s/.test(text)) fail("must not contain white space");
  if (!text.startsWith(SECURE)) return { credentials: parseShort(text) };
  const [hash = "", ...rest] = text.slice(SECURE.length).split("::");
  if (rest.length === 0) fail("must be K10<hash>::<user>:<password> or K10<hash>::<id>.<secret>");
  if (!/^[0-9a-f]{64}$/.test(hash)) fail(`the hash must have 64 hex digits, got ${hash.length} characters`);
  const credentials = rest.join("::");
  const bootstrap = parseBootstrap(credentials);
  if (bootstrap) return { authorityHash: hash, credentials: bootstrap };
  const [user, ...password] = credentials.split(":");
  if (password.length === 0) fail("must end with <user>:<password>, or with a bootstrap token of 6 and 16 characters");
  if (user !== "server" && user !== "node") return fail("the user must be one of: server, node");
  if (password.join(":") === "") fail("the password must not be empty");
  return { authorityHash: hash, credentials: { kind: "password", user, password: password.join(":") } };
}

function parseBootstrap(text: string): TokenCredentials | undefined {
  const [, id, secret] = BOOTSTRAP.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { kind: "bootstrap", id, secret };
}

/** A short password may be that of a server or of an agent: K3s takes it as that of the role of the machine. */
const parseShort = (text: string): TokenCredentials =>
  parseBootstrap(text) ?? { kind: "password", user: "node", password: text };

/** Returns 128 random bits in 32 hex digits, the form of passwords that K3s generates. Secret. */
export function randomPassword(): string {
  return randomBytes(16).toString("hex");
}

const randomCharacters = (count: number): string =>
  Array.from({ length: count }, () => BOOTSTRAP_CHARACTERS[randomInt(BOOTSTRAP_CHARACTERS.length)]).join("");

/** Returns a random bootstrap token. Secret. */
export function randomBootstrapToken(): Extract<TokenCredentials, { kind: "bootstrap" }> {
  return { kind: "bootstrap", id: randomCharacters(6), secret: randomCharacters(16) };
}

/**
 * Returns the password in a server token or an agent token. Secret.
 *
 * @throws TokenError if the token is malformed or a bootstrap token
 */
export function tokenPassword(text: string): string {
  const { credentials } = parseToken(text);
  if (credentials.kind !== "password") throw new TokenError("token: must have a password, got a bootstrap token");
  return credentials.password;
}
