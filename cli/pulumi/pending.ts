import type { Stack } from "@pulumi/pulumi/automation";

/** The part of a deployment that records the operations of an interrupted update. */
interface State {
  readonly resources?: readonly { readonly urn: string }[];
  readonly pending_operations?: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
}

/** Removes pending creations of resources that now exist. Returns undefined if there is nothing to remove. */
export function removeCompletedCreations<T extends State>(state: T): T | undefined {
  const { resources = [], pending_operations: pending = [] } = state;
  const existing = new Set(resources.map(({ urn }) => urn));
  const remaining = pending.filter(({ type, resource }) => type !== "creating" || !existing.has(resource.urn));
  return remaining.length === pending.length ? undefined : { ...state, pending_operations: remaining };
}

/**
 * Removes pending creations that a later update completed from the state of a stack. Pulumi keeps them and warns in
 * every update, because it does not know that creation is idempotent. For Skerry's resources it is: machines and
 * addresses are created by name, and objects are applied.
 */
export async function cleanPendingCreations(stack: Stack): Promise<void> {
  const exported = await stack.exportStack();
  const deployment = removeCompletedCreations(exported.deployment as State);
  if (deployment) await stack.importStack({ ...exported, deployment });
}
