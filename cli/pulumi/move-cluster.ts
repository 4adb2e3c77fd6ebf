import { isCluster, nameOf, type StateResource } from "./clusters";

/** A resource with everything that refers to other resources. */
interface LinkedResource extends StateResource {
  readonly id?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly deletedWith?: string;
}

/** The parts of an exported state that a move changes. */
export interface State {
  readonly resources?: readonly LinkedResource[];
  readonly pending_operations?: readonly unknown[];
}

/** A stack and its exported state. */
export interface StackState {
  readonly stack: string;
  readonly project: string;
  readonly state: State;
}

/** A reference to a provider is its URN and its ID. */
const providerUrn = (reference: string): string => reference.slice(0, reference.lastIndexOf("::"));

const linksOf = ({ provider, dependencies = [], deletedWith }: LinkedResource): string[] => [
  ...dependencies,
  ...(provider ? [providerUrn(provider)] : []),
  ...(deletedWith ? [deletedWith] : []),
];

/** Renames the stack in every URN of some resources. */
function rename(resources: readonly LinkedResource[], from: StackState, to: StackState): readonly LinkedResource[] {
  const text = JSON.stringify(resources)
    .replaceAll(`urn:pulumi:${from.stack}::`, `urn:pulumi:${to.stack}::`)
    .replaceAll(`Stack::${from.project}-${from.stack}"`, `Stack::${to.project}-${to.stack}"`);
  return JSON.parse(text) as readonly LinkedResource[];
}

/**
 * Moves a cluster and everything below it between the states of two stacks of a project. `pulumi state move` does not do this: it
 * copies a provider without its parent.
 *
 * @returns the new states
 * @throws Error if the cluster cannot be moved, with the reason
 */
export function moveCluster(cluster: string, from: StackState, to: StackState): { from: State; to: State } {
  const { resources = [] } = from.state;
  const { resources: existing = [] } = to.state;
  for (const { stack, state } of [from, to]) {
    if ((state.pending_operations ?? []).length > 0)
      throw new Error(`the last update of stack ${stack} was interrupted: complete it first`);
  }
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const root = resources.find(({ urn }) => nameOf(urn) === cluster && isCluster(urn));
  if (!root) throw new Error(`stack ${from.stack} has no cluster "${cluster}"`);

  const lineage = ({ urn, parent }: LinkedResource): string[] => {
    const above = parent === undefined ? undefined : byUrn.get(parent);
    return [urn, ...(above ? lineage(above) : [])];
  };
  const moved = resources.filter((each) => lineage(each).includes(root.urn));
  const inside = new Set(moved.map(({ urn }) => urn));
  const links = new Set(moved.flatMap(linksOf).filter((urn) => !inside.has(urn)));
  // Both stacks have the components above the cluster, and the providers that it shares with others.
  const isShared = ({ urn, type }: LinkedResource): boolean =>
    lineage(root).includes(urn) || (links.has(urn) && type.startsWith("pulumi:providers:"));
  const shared = resources.filter((each) => !inside.has(each.urn) && isShared(each));
  const foreign = [...links].filter((urn) => !shared.some((each) => each.urn === urn));
  if (foreign.length > 0)
    throw new Error(`cluster "${cluster}" depends on resources outside of it: ${foreign.map(nameOf).join(", ")}`);

  const present = new Map(existing.map((each) => [each.urn, each]));
  const copies = rename(shared, from, to);
  const arrivals = rename(moved, from, to);
  if (arrivals.some(({ urn }) => present.has(urn)))
    throw new Error(`stack ${to.stack} has resources of cluster "${cluster}"`);
  // Where the target already has a shared provider, references need its ID.
  const ids = new Map(
    copies.map(({ urn, id }) => [`${urn}::${id ?? ""}`, `${urn}::${present.get(urn)?.id ?? id ?? ""}`]),
  );
  return {
    from: { ...from.state, resources: resources.filter(({ urn }) => !inside.has(urn)) },
    to: {
      ...to.state,
      resources: [
        ...existing,
        ...copies.filter(({ urn }) => !present.has(urn)),
        ...arrivals.map((each) =>
          each.provider ? { ...each, provider: ids.get(each.provider) ?? each.provider } : each,
        ),
      ],
    },
  };
}
