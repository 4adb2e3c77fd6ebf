import { isDeepStrictEqual } from "node:util";

import { issueAdminCertificate } from "../../fleet/k3s/authority";
import type { KeyPair } from "../../fleet/pki";
import type { Operations } from "../dynamic";
import { DAY_MS, isInLastQuarter } from "../renewal";

/** Lifetime of the administrator's certificate, in days. */
const LIFE_DAYS = 365;

interface Inputs {
  /** The certificate authority for K3s clients. */
  readonly authority: KeyPair;
}

interface Outputs extends Inputs {
  readonly certificate: string;
  readonly key: string;
  /** Time of expiry, RFC 3339. */
  readonly expires: string;
}

async function issue({ authority }: Inputs): Promise<Outputs> {
  const { certificate, key } = await issueAdminCertificate(authority, LIFE_DAYS);
  return { authority, certificate, key, expires: new Date(Date.now() + LIFE_DAYS * DAY_MS).toISOString() };
}

/** Issues the administrator's certificate and renews it before it expires. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes: !isDeepStrictEqual(olds.authority, news.authority) || isInLastQuarter(olds.expires, LIFE_DAYS),
  }),
  create: async (inputs) => ({ id: "system:admin", outs: await issue(inputs) }),
  update: async (_id, _olds, news) => ({ outs: await issue(news) }),
};
