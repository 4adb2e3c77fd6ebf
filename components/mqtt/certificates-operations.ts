import { isDeepStrictEqual } from "node:util";

import { createAuthority, expiryOf, issueCertificate } from "../../fleet/pki";
import type { Operations } from "../dynamic";
import { isInLastQuarter } from "../renewal";

/** Lifetime of the authority, in years. */
const AUTHORITY_YEARS = 10;
/** Lifetime of issued certificates, in days. */
const CERTIFICATE_DAYS = 365;

export interface CertificateRequest {
  /** Key of the certificate in the result. */
  readonly id: string;
  readonly commonName: string;
  readonly usage: "server" | "client";
  readonly dnsNames: readonly string[];
}

export interface IssuedCertificate {
  readonly request: CertificateRequest;
  /** Certificate, PEM. */
  readonly certificate: string;
  /** Private key, PEM. */
  readonly key: string;
  /** Time of expiry, RFC 3339. */
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

/** Whether a certificate matches its request and is not due for renewal. */
function isCurrent(request: CertificateRequest, issued: IssuedCertificate | undefined): issued is IssuedCertificate {
  return (
    issued !== undefined &&
    isDeepStrictEqual(issued.request, request) &&
    !isInLastQuarter(issued.expires, CERTIFICATE_DAYS)
  );
}

async function issueAll(
  inputs: Inputs,
  authority: { certificate: string; key: string },
  previous: Outputs["issued"],
): Promise<Outputs> {
  const issued: Record<string, IssuedCertificate> = {};
  for (const request of inputs.requests) {
    const { id, commonName, usage, dnsNames } = request;
    const existing = previous[id];
    if (isCurrent(request, existing)) {
      issued[id] = existing;
      continue;
    }
    const created = await issueCertificate(authority, { commonName, dnsNames, usage, days: CERTIFICATE_DAYS });
    const expires = expiryOf(created.certificate).toISOString();
    issued[id] = { request, certificate: created.certificate, key: created.key, expires };
  }
  return {
    commonName: inputs.commonName,
    requests: inputs.requests,
    authority: authority.certificate,
    authorityKey: authority.key,
    issued,
  };
}

/** Issues new certificates and renews those that expire soon. Current certificates stay, so no client loses access. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes:
      olds.requests.length !== news.requests.length ||
      news.requests.some((request) => !isCurrent(request, olds.issued[request.id])),
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
