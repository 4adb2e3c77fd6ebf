import "reflect-metadata";

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ExtendedKeyUsage } from "@peculiar/x509";
import fc from "fast-check";

import { authorityHash } from "../../../fleet/k3s/authority-hash";
import { createKeys, createTestCertificate, type TestCertificate } from "../support/certificates";

// Keys are slow to create on a busy machine.
jest.setTimeout(60_000);

const sha256 = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");
const bundle = (...certificates: readonly TestCertificate[]): string => certificates.map(({ pem }) => pem).join("");

interface Vector {
  readonly name: string;
  readonly bundle: string;
  readonly hash: string;
}

// The lab's implementation in Go is tested with the same vectors. OpenSSL computed their hashes.
const vectors = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "fixtures", "authority-hashes.json"), "utf8"),
) as Vector[];

test.each(vectors.map((vector) => [vector.name, vector] as const))("hashes %s", (_name, vector) => {
  expect(authorityHash(vector.bundle)).toBe(vector.hash);
});

test("hashes the root of every valid chain, in any order and with unrelated certificates", async () => {
  const stranger = await createTestCertificate("stranger");
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 3 }),
      fc.boolean(),
      fc.boolean(),
      fc.integer(),
      async (intermediates, withIds, withStranger, seed) => {
        const chain = [await createTestCertificate("root", { keyIdentifiers: withIds })];
        for (let i = 0; i <= intermediates; i++) {
          // Without identifiers, K3s takes every certificate for a root, so only the first may lack them.
          chain.unshift(await createTestCertificate(`authority ${i}`, { issuer: chain[0]! }));
        }
        const [leaf, ...others] = chain;
        const shuffled = [...others, ...(withStranger ? [stranger] : [])]
          .map((certificate, index) => ({ certificate, key: sha256(`${seed}/${index}`) }))
          .sort((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ certificate }) => certificate);
        expect(authorityHash(bundle(leaf!, ...shuffled))).toBe(sha256(chain.at(-1)!.der));
      },
    ),
    { numRuns: 20 },
  );
});

test("hashes the bytes of a file with one certificate, whatever is around it", async () => {
  const { pem } = await createTestCertificate("alone");
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-z \n]*$/), fc.stringMatching(/^\n*$/), async (before, after) => {
      const text = `${before}\n${pem}${after}`;
      expect(authorityHash(text)).toBe(sha256(text));
    }),
  );
});

describe("a chain that K3s cannot verify", () => {
  let root: TestCertificate;
  beforeAll(async () => {
    root = await createTestCertificate("root");
  });
  const invalid: Readonly<Record<string, () => Promise<TestCertificate[]>>> = {
    "has no root": async () => {
      const intermediate = await createTestCertificate("intermediate", { issuer: root });
      return [await createTestCertificate("leaf", { issuer: intermediate }), intermediate];
    },
    "has a forged signature": async () => [
      await createTestCertificate("leaf", { issuer: root, signer: await createKeys() }),
      root,
    ],
    "has an expired leaf": async () => [await createTestCertificate("leaf", { issuer: root, days: -1 }), root],
    "has an expired root": async () => {
      const expired = await createTestCertificate("expired", { days: -1 });
      return [await createTestCertificate("leaf", { issuer: expired }), expired];
    },
    "has an issuer that is no authority": async () => {
      const server = await createTestCertificate("server", { authority: false });
      return [await createTestCertificate("leaf", { issuer: server }), server];
    },
    "is longer than its root allows": async () => {
      const short = await createTestCertificate("short", { pathLength: 0 });
      const intermediate = await createTestCertificate("intermediate", { issuer: short });
      return [await createTestCertificate("leaf", { issuer: intermediate }), intermediate, short];
    },
    "is for clients only": async () => [
      await createTestCertificate("leaf", { issuer: root, usages: [ExtendedKeyUsage.clientAuth] }),
      root,
    ],
  };
  test.each(Object.entries(invalid))("%s: the hash is that of the bytes", async (_name, create) => {
    const text = bundle(...(await create()));
    expect(authorityHash(text)).toBe(sha256(text));
  });
});

test("rejects a bundle without a certificate", () => {
  expect(() => authorityHash("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n")).toThrow(
    "must contain a certificate in PEM",
  );
});
