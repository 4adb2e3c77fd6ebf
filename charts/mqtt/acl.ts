import type { BrokerClient } from "../../fleet/model";
import { checkTopics } from "./topics";

/** Permissions of one user, which is the common name of a client certificate. */
export interface AclUser {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Returns the permissions of a client under the user name of its certificate. */
export function aclUser(user: string, { publish, subscribe }: Pick<BrokerClient, "publish" | "subscribe">): AclUser {
  return { user, publish, subscribe };
}

/**
 * Renders Mosquitto's `acl_file`. Everything that it does not list is denied: a user without topics can connect, but
 * neither publish nor subscribe.
 *
 * @throws Error if a topic filter is malformed
 */
export function renderAcl(users: readonly AclUser[]): string {
  const sorted = [...users].sort((a, b) => (a.user < b.user ? -1 : 1));
  const blocks = sorted.map(({ user, publish, subscribe }) => {
    checkTopics(`access list of ${user}`, [...publish, ...subscribe]);
    const write = publish.map((topic) => `topic write ${topic}`);
    const read = subscribe.map((topic) => `topic read ${topic}`);
    return [`user ${user}`, ...write, ...read].join("\n");
  });
  return ["# Everything that is not listed is denied.", ...blocks].join("\n\n") + "\n";
}
