import type { Stack } from "@pulumi/pulumi/automation";

/** The part of a deployment that says what an interrupted update had begun. */
interface State {
  readonly resources?: readonly { readonly urn: string }[];
  readonly pending_operations?: readonly { readonly type: string; readonly resource: { readonly urn: string } }[];
}

/** The state without pending creations of resources that exist by now; undefined when there is nothing to remove. */
export function withoutCompletedCreations<T extends State>(state: T): T | undefined {
  const { resources = [], pending_operations: pending = [] } = state;
  const existing = new Set(resources.map(({ urn }) => urn));
  const left = pending.filter(({ type, resource }) => type !== "creating" || !existing.has(resource.urn));
  return left.length === pending.length ? undefined : { ...state, pending_operations: left };
}

/**
 * Forgets the creations that an interrupted update began and a later update completed. The engine keeps each of them, and
 * warns about it in every update, because it cannot know that creating again finds what was created before. Skerry's
 * resources do: machines and addresses are created by name, and objects are applied.
 */
export async function forgetCompletedCreations(stack: Stack): Promise<void> {
  const exported = await stack.exportStack();
  const deployment = withoutCompletedCreations(exported.deployment as State);
  if (deployment) await stack.importStack({ ...exported, deployment });
}
