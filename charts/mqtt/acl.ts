import type { BrokerClient } from "../../fleet/model";
import { checkTopics } from "./topics";

/** What one user (the common name of a certificate) may do. */
export interface AclUser {
  readonly user: string;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The access of a client that the fleet states, under the name its certificate carries. */
export function aclUser(user: string, { publish, subscribe }: Pick<BrokerClient, "publish" | "subscribe">): AclUser {
  return { user, publish, subscribe };
}

/**
 * Mosquitto's `acl_file`. Nobody may do anything that is not stated: a user without topics connects, and neither
 * publishes nor receives.
 *
 * @throws Error when a topic filter is malformed
 */
export function renderAcl(users: readonly AclUser[]): string {
  const sorted = [...users].sort((a, b) => (a.user < b.user ? -1 : 1));
  const blocks = sorted.map(({ user, publish, subscribe }) => {
    checkTopics(`access list of ${user}`, [...publish, ...subscribe]);
    const write = publish.map((topic) => `topic write ${topic}`);
    const read = subscribe.map((topic) => `topic read ${topic}`);
    return [`user ${user}`, ...write, ...read].join("\n");
  });
  return [`# What is not listed is denied.`, ...blocks].join("\n\n") + "\n";
}
