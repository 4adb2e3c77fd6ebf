import fc from "fast-check";

import { createClusterAuthority } from "../../../fleet/k3s/authority";
import { authorityHash } from "../../../fleet/k3s/authority-hash";
import { bootstrapSecret } from "../../../fleet/k3s/bootstrap-secret";
import {
  parseToken,
  randomBootstrapToken,
  randomPassword,
  secureToken,
  type TokenCredentials,
  TokenError,
} from "../../../fleet/k3s/token";

// Keys are slow to create on a busy machine.
jest.setTimeout(60_000);

const HASH = "0123456789abcdef".repeat(4);
const PASSWORD = "hunter2hunter2";

const credentials: fc.Arbitrary<TokenCredentials> = fc.oneof(
  fc.record({
    kind: fc.constant("password" as const),
    user: fc.constantFrom("server" as const, "node" as const),
    password: fc.stringMatching(/^[!-~]+$/),
  }),
  fc.record({
    kind: fc.constant("bootstrap" as const),
    id: fc.stringMatching(/^[a-z0-9]{6}$/),
    secret: fc.stringMatching(/^[a-z0-9]{16}$/),
  }),
);

test("parses every token that it writes", async () => {
  const bundle = (await createClusterAuthority("tokyo")).files["server-ca.crt"]!;
  fc.assert(
    fc.property(credentials, (each) => {
      expect(parseToken(secureToken(bundle, each))).toEqual({
        authorityHash: authorityHash(bundle),
        credentials: each,
      });
    }),
  );
});

test("parses tokens in the short form", () => {
  expect(parseToken("abc123.0123456789abcdef")).toEqual({
    credentials: { kind: "bootstrap", id: "abc123", secret: "0123456789abcdef" },
  });
  expect(parseToken(PASSWORD)).toEqual({ credentials: { kind: "password", user: "node", password: PASSWORD } });
});

test.each([
  ["", "must not be empty"],
  [`${PASSWORD}\n`, "must not contain white space"],
  [`K10${PASSWORD}`, "must be K10<hash>::<user>:<password> or K10<hash>::<id>.<secret>"],
  [`K10${HASH}:node:${PASSWORD}`, "must be K10<hash>::<user>:<password> or K10<hash>::<id>.<secret>"],
  [`K10abc::node:${PASSWORD}`, "the hash must have 64 hex digits, got 3 characters"],
  [`K10${HASH.toUpperCase()}::node:${PASSWORD}`, "the hash must have 64 hex digits, got 64 characters"],
  [`K10${HASH}::${PASSWORD}`, "must end with <user>:<password>, or with a bootstrap token of 6 and 16 characters"],
  [`K10${HASH}::root:${PASSWORD}`, "the user must be one of: server, node"],
  [`K10${HASH}::node:`, "the password must not be empty"],
])("rejects the malformed token %j without quoting it", (text, message) => {
  const parse = (): unknown => parseToken(text, "agent token");
  expect(parse).toThrow(TokenError);
  expect(parse).toThrow(new TokenError(`agent token: ${message}`));
});

test("no error contains a part of the token", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^(K10)?([0-9a-f:.]|[ \n])*$/), (text) => {
      try {
        parseToken(text);
      } catch (error) {
        const secret = text.replace(/^K10/, "").slice(0, 12);
        if (secret.length >= 4) expect((error as Error).message).not.toContain(secret);
      }
    }),
  );
});

test("creates random credentials in the form of K3s", () => {
  expect(randomPassword()).toMatch(/^[0-9a-f]{32}$/);
  expect(randomPassword()).not.toBe(randomPassword());
  const { id, secret } = randomBootstrapToken();
  expect(`${id}.${secret}`).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
});

test("the Secret of a bootstrap token admits agents of K3s until it expires", () => {
  const token = { kind: "bootstrap", id: "abc123", secret: "0123456789abcdef" } as const;
  const expires = new Date("2026-11-28T10:11:12.345Z");
  expect(bootstrapSecret(token, { expires, description: "agents of pool sydney-gw" })).toMatchObject({
    metadata: { name: "bootstrap-token-abc123", namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    stringData: {
      "token-id": "abc123",
      "token-secret": "0123456789abcdef",
      expiration: "2026-11-28T10:11:12Z",
      "usage-bootstrap-authentication": "true",
      "auth-extra-groups": "system:bootstrappers:k3s:default-node-token",
    },
  });
});
