import { isDeepStrictEqual } from "node:util";

import { createAuthority, issueCertificate } from "../../fleet/pki";
import type { Operations } from "../dynamic";
import { DAY_MS, nearsItsEnd } from "../renewal";

/** Life of the authority, in years, and of what it issues, in days. */
const AUTHORITY_YEARS = 10;
const CERTIFICATE_DAYS = 365;

export interface CertificateRequest {
  /** What the certificate is known by in the result. */
  readonly id: string;
  readonly commonName: string;
  readonly usage: "server" | "client";
  readonly dnsNames: readonly string[];
}

export interface IssuedCertificate {
  readonly request: CertificateRequest;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** RFC 3339. */
  readonly expires: string;
}

interface Inputs {
  readonly commonName: string;
  readonly requests: readonly CertificateRequest[];
}

interface Outputs extends Inputs {
  readonly authority: string;
  readonly authorityKey: string;
  readonly issued: Readonly<Record<string, IssuedCertificate>>;
}

/** A certificate that still answers its request and has time left. */
function stillGood(request: CertificateRequest, issued: IssuedCertificate | undefined): issued is IssuedCertificate {
  return (
    issued !== undefined && isDeepStrictEqual(issued.request, request) && !nearsItsEnd(issued.expires, CERTIFICATE_DAYS)
  );
}

async function issueAll(
  inputs: Inputs,
  authority: { certificate: string; key: string },
  before: Outputs["issued"],
): Promise<Outputs> {
  const issued: Record<string, IssuedCertificate> = {};
  for (const request of inputs.requests) {
    const { id, commonName, usage, dnsNames } = request;
    const existing = before[id];
    if (stillGood(request, existing)) {
      issued[id] = existing;
      continue;
    }
    const made = await issueCertificate(authority, { commonName, dnsNames, usage, days: CERTIFICATE_DAYS });
    const expires = new Date(Date.now() + CERTIFICATE_DAYS * DAY_MS).toISOString();
    issued[id] = { request, certificate: made.certificate, key: made.key, expires };
  }
  return {
    commonName: inputs.commonName,
    requests: inputs.requests,
    authority: authority.certificate,
    authorityKey: authority.key,
    issued,
  };
}

/** Issues what is new or nears its end; what is good stays as it is, so that nobody is cut off. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes:
      olds.requests.length !== news.requests.length ||
      news.requests.some((request) => !stillGood(request, olds.issued[request.id])),
    replaces: olds.commonName === news.commonName ? [] : ["commonName"],
  }),

  create: async (inputs) => {
    const authority = await createAuthority({ commonName: inputs.commonName, years: AUTHORITY_YEARS });
    return { id: inputs.commonName, outs: await issueAll(inputs, authority, {}) };
  },

  update: async (_id, olds, news) => ({
    outs: await issueAll(news, { certificate: olds.authority, key: olds.authorityKey }, olds.issued),
  }),
};
