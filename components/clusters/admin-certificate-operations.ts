import { isDeepStrictEqual } from "node:util";

import { issueAdminCertificate } from "../../fleet/k3s/authority";
import { expiryOf, type KeyPair } from "../../fleet/pki";
import type { Operations } from "../dynamic";
import { isInLastQuarter } from "../renewal";

/** Lifetime of the administrator's certificate, in days. */
const LIFE_DAYS = 365;

interface Inputs {
  /** The certificate authority for K3s clients. */
  readonly authority: KeyPair;
  /** How often the certificate has been rotated. */
  readonly rotation: number;
}

interface Outputs extends Inputs {
  readonly certificate: string;
  readonly key: string;
  /** Time of expiry, RFC 3339. */
  readonly expires: string;
}

async function issue({ authority, rotation }: Inputs): Promise<Outputs> {
  const { certificate, key } = await issueAdminCertificate(authority, LIFE_DAYS);
  return { authority, rotation, certificate, key, expires: expiryOf(certificate).toISOString() };
}

/** Issues the administrator's certificate, and a new one when it is rotated or expires soon. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes:
      olds.rotation !== news.rotation ||
      !isDeepStrictEqual(olds.authority, news.authority) ||
      isInLastQuarter(olds.expires, LIFE_DAYS),
  }),
  create: async (inputs) => ({ id: "system:admin", outs: await issue(inputs) }),
  update: async (_id, _olds, news) => ({ outs: await issue(news) }),
};
