import type { KeptToken } from "../../fleet/k3s/restore";

/** A resource in an exported state. */
interface StateResource {
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Key by which Pulumi marks a secret in its state. An export with secrets has the JSON text of the value in `plaintext`. */
const SECRET = "4dabf18193072939515e22adb298388d";

function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  const { [SECRET]: marked, plaintext } = value as { readonly [SECRET]?: unknown; readonly plaintext?: unknown };
  if (marked !== undefined && typeof plaintext === "string") return reveal(JSON.parse(plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
}

interface TokenOutputs {
  readonly serverToken?: string;
  readonly retiredServerTokens?: readonly { readonly token: string; readonly retired: string }[];
}

/**
 * Finds the server tokens of a cluster in the state of a stack: the one in force, then the retired ones, newest first.
 *
 * @param state an export of the state with its secrets. Secret
 */
export function keptTokens(state: { readonly resources?: readonly StateResource[] }, cluster: string): KeptToken[] {
  const names = [`::${cluster}-tokens`, `::${cluster}-authority`];
  const found = (state.resources ?? [])
    .filter(({ urn }) => names.some((name) => urn.endsWith(name)))
    .map(({ outputs }) => reveal(outputs ?? {}) as TokenOutputs)
    .find(({ serverToken }) => serverToken !== undefined);
  if (!found) return [];
  return [{ token: found.serverToken! }, ...[...(found.retiredServerTokens ?? [])].reverse()];
}
