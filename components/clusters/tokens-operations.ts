import { isDeepStrictEqual } from "node:util";

import { randomPassword, secureToken, type TokenUser } from "../../fleet/k3s/token";
import type { Operations } from "../dynamic";

/** A server token that has been rotated. Snapshots from before can be restored only with it. */
export interface RetiredToken {
  /** Secret. */
  readonly token: string;
  /** When a new token was created, RFC 3339. */
  readonly retired: string;
}

interface Inputs {
  /** The certificate authority that servers present, PEM. */
  readonly authority: string;
  /** How often each token has been rotated. */
  readonly rotations: { readonly serverToken: number; readonly agentToken: number };
}

interface Outputs extends Inputs {
  readonly serverToken: string;
  readonly agentToken: string;
  readonly retiredServerTokens: readonly RetiredToken[];
}

const create = (authority: string, user: TokenUser): string =>
  secureToken(authority, { kind: "password", user, password: randomPassword() });

/** Creates the tokens of a cluster, and new ones when they are rotated. No server token is ever lost. */
export const operations: Operations<Inputs, Outputs> = {
  diff: async (_id, olds, news) => ({
    changes: !isDeepStrictEqual(olds.rotations, news.rotations),
    // Another authority is another cluster.
    replaces: olds.authority === news.authority ? [] : ["authority"],
  }),

  create: async ({ authority, rotations }) => ({
    id: "tokens",
    outs: {
      authority,
      rotations,
      serverToken: create(authority, "server"),
      agentToken: create(authority, "node"),
      retiredServerTokens: [],
    },
  }),

  update: async (_id, olds, { authority, rotations }) => {
    const rotated = (token: "serverToken" | "agentToken"): boolean => olds.rotations[token] !== rotations[token];
    const retired = { token: olds.serverToken, retired: new Date().toISOString() };
    return {
      outs: {
        authority,
        rotations,
        serverToken: rotated("serverToken") ? create(authority, "server") : olds.serverToken,
        agentToken: rotated("agentToken") ? create(authority, "node") : olds.agentToken,
        retiredServerTokens: [...olds.retiredServerTokens, ...(rotated("serverToken") ? [retired] : [])],
      },
    };
  },
};
