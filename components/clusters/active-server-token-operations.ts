import { isDeepStrictEqual } from "node:util";

import { Agent, request } from "undici";

import { parseToken } from "../../fleet/k3s/token";
import type { Operations } from "../dynamic";

interface State {
  readonly server: string;
  readonly certificateAuthority: string;
  readonly token: string;
}

interface Inputs extends State {
  /** Set if the cluster is restored with the token. */
  readonly restored?: string;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Returns the password of a server token. */
function passwordOf(token: string): string {
  const { credentials } = parseToken(token, "server token");
  if (credentials.kind !== "password") throw new Error("server token: must not be a bootstrap token");
  return credentials.password;
}

/**
 * Requests a rotation, as `k3s token rotate` does.
 *
 * @returns the status code, 401 if the cluster uses another password than `current`
 */
async function requestRotation({ server, certificateAuthority }: State, current: string, next: string) {
  const dispatcher = new Agent({ connect: { ca: certificateAuthority }, headersTimeout: REQUEST_TIMEOUT_MS });
  try {
    const response = await request(`${server}/v1-k3s/token`, {
      method: "PUT",
      dispatcher,
      headers: {
        authorization: `Basic ${Buffer.from(`server:${current}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ newToken: next }),
    });
    await response.body.dump();
    return response.statusCode;
  } catch (error) {
    const { code = "no response" } = error as { code?: string };
    throw new Error(
      `${server} must be reachable to rotate its server token (${code}): a running server has to encrypt the datastore with the new token`,
    );
  } finally {
    await dispatcher.close();
  }
}

async function rotate(olds: State, news: State): Promise<void> {
  const next = passwordOf(news.token);
  let status = await requestRotation(news, passwordOf(olds.token), next);
  // An update that was interrupted after the rotation repeats it with the new password.
  if (status === 401) status = await requestRotation(news, next, next);
  if (status !== 200) {
    const reason = status === 401 ? ": it uses neither the recorded nor the new token" : "";
    throw new Error(`${news.server} did not rotate its server token (HTTP status ${status})${reason}`);
  }
}

/** Rotates the server token of a running cluster. */
export const operations: Operations<Inputs, State> = {
  diff: async (_id, olds, news) => {
    const fields = ({ server, certificateAuthority, token }: State) => ({ server, certificateAuthority, token });
    return { changes: !isDeepStrictEqual(fields(olds), fields(news)) };
  },

  create: async ({ server, certificateAuthority, token }) => ({
    id: "server-token",
    outs: { server, certificateAuthority, token },
  }),

  update: async (_id, olds, news) => {
    if (olds.token !== news.token && news.restored === undefined) await rotate(olds, news);
    const { server, certificateAuthority, token } = news;
    return { outs: { server, certificateAuthority, token } };
  },
};
