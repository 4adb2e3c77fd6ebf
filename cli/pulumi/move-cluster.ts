import { isCluster, isUpgrade, nameOf, type StateResource } from "./clusters";

/** A resource with everything that refers to other resources. */
interface LinkedResource extends StateResource {
  readonly id?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null | undefined>>;
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

/** Returns what a resource cannot be without: its provider, and the resource with which it is deleted. */
const needsOf = ({ provider, deletedWith }: LinkedResource): string[] => [
  ...(provider ? [providerUrn(provider)] : []),
  ...(deletedWith ? [deletedWith] : []),
];

/** Whether a URN is that of a component with the resources of one cluster. */
const isPart = (urn: string): boolean => isCluster(urn) || isUpgrade(urn);

/** Removes the dependencies of a resource on some others. The next update states those that remain necessary. */
function withoutDependencies(resource: LinkedResource, isRemoved: (urn: string) => boolean): LinkedResource {
  const { dependencies, propertyDependencies } = resource;
  if (!(dependencies ?? []).some(isRemoved)) return resource;
  const keep = (urns: readonly string[]): string[] => urns.filter((urn) => !isRemoved(urn));
  return {
    ...resource,
    dependencies: keep(dependencies ?? []),
    ...(propertyDependencies && {
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([property, urns]) => [property, urns && keep(urns)]),
      ),
    }),
  };
}

/** Renames the stack in every URN of some resources. */
function rename(resources: readonly LinkedResource[], from: StackState, to: StackState): readonly LinkedResource[] {
  const text = JSON.stringify(resources)
    .replaceAll(`urn:pulumi:${from.stack}::`, `urn:pulumi:${to.stack}::`)
    .replaceAll(`Stack::${from.project}-${from.stack}"`, `Stack::${to.project}-${to.stack}"`);
  return JSON.parse(text) as readonly LinkedResource[];
}

/** What a move takes, copies and leaves. */
interface Selection {
  /** The cluster, its upgrade, and everything below them. */
  readonly moved: readonly LinkedResource[];
  /** The part of what stays that both stacks have: components above the cluster, and providers that it shares with others. */
  readonly shared: readonly LinkedResource[];
  readonly staying: readonly LinkedResource[];
  /** Whether a URN is that of a resource that moves. */
  readonly isMoved: (urn: string) => boolean;
  /** Whether a URN is that of a resource that the other stack does not have. */
  readonly isLeft: (urn: string) => boolean;
  /** Whether a URN is that of a resource of another cluster. */
  readonly isOfOther: (urn: string) => boolean;
}

function select(cluster: string, { stack, state: { resources = [] } }: StackState): Selection {
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const lineage = ({ urn, parent }: LinkedResource): string[] => {
    const above = parent === undefined ? undefined : byUrn.get(parent);
    return [urn, ...(above ? lineage(above) : [])];
  };
  const roots = resources.filter(({ urn }) =>
    isCluster(urn) ? nameOf(urn) === cluster : isUpgrade(urn) && nameOf(urn) === `${cluster}-upgrade`,
  );
  if (!roots.some(({ urn }) => isCluster(urn))) throw new Error(`stack ${stack} has no cluster "${cluster}"`);
  const rootUrns = new Set(roots.map(({ urn }) => urn));
  const above = new Set(roots.flatMap(lineage));
  const moved = resources.filter((each) => lineage(each).some((urn) => rootUrns.has(urn)));
  const inside = new Set(moved.map(({ urn }) => urn));
  const staying = resources.filter(({ urn }) => !inside.has(urn));
  const needed = new Set(moved.flatMap(needsOf));
  const shared = staying.filter(
    ({ urn, type }) => above.has(urn) || (needed.has(urn) && type.startsWith("pulumi:providers:")),
  );
  const present = new Set([...inside, ...shared.map(({ urn }) => urn)]);
  const ofOthers = new Set(staying.filter((each) => lineage(each).some(isPart)).map(({ urn }) => urn));
  return {
    ...{ moved, shared, staying },
    isMoved: (urn) => inside.has(urn),
    isLeft: (urn) => !present.has(urn),
    isOfOther: (urn) => ofOthers.has(urn),
  };
}

/**
 * Checks that nothing which moves needs what is left, and that nothing which stays needs what moves. Only dependencies between
 * clusters can be removed.
 */
function checkLinks(cluster: string, { moved, staying, isMoved, isLeft, isOfOther }: Selection): void {
  const fixedLinks = moved.flatMap((each) => [
    ...needsOf(each),
    ...(each.dependencies ?? []).filter((urn) => !isOfOther(urn)),
  ]);
  const foreign = new Set(fixedLinks.filter(isLeft));
  if (foreign.size > 0)
    throw new Error(`cluster "${cluster}" depends on resources outside of it: ${[...foreign].map(nameOf).join(", ")}`);
  const dependents = staying.filter((each) =>
    [...needsOf(each), ...(isOfOther(each.urn) ? [] : (each.dependencies ?? []))].some(isMoved),
  );
  if (dependents.length > 0)
    throw new Error(
      `resources outside of cluster "${cluster}" depend on it: ${dependents.map(({ urn }) => nameOf(urn)).join(", ")}`,
    );
}

/**
 * Moves a cluster and everything below it between the states of two stacks of a project. `pulumi state move` does not do this: it
 * copies a provider without its parent.
 *
 * Clusters of one stack may depend on each other, which orders their updates: existing clusters are inspected together, and upgrades
 * follow each other. Two stacks have no common order, so these dependencies are removed.
 *
 * @returns the new states
 * @throws Error if the cluster cannot be moved, with the reason
 */
export function moveCluster(cluster: string, from: StackState, to: StackState): { from: State; to: State } {
  const { resources: existing = [] } = to.state;
  for (const { stack, state } of [from, to]) {
    if ((state.pending_operations ?? []).length > 0)
      throw new Error(`the last update of stack ${stack} was interrupted: complete it first`);
  }
  const selection = select(cluster, from);
  checkLinks(cluster, selection);
  const { moved, shared, staying, isMoved, isLeft } = selection;

  const present = new Map(existing.map((each) => [each.urn, each]));
  const copies = rename(shared, from, to);
  const arrivals = rename(
    moved.map((each) => withoutDependencies(each, isLeft)),
    from,
    to,
  );
  if (arrivals.some(({ urn }) => present.has(urn)))
    throw new Error(`stack ${to.stack} has resources of cluster "${cluster}"`);
  // Where the target already has a shared provider, references need its ID.
  const ids = new Map(
    copies.map(({ urn, id }) => [`${urn}::${id ?? ""}`, `${urn}::${present.get(urn)?.id ?? id ?? ""}`]),
  );
  return {
    from: { ...from.state, resources: staying.map((each) => withoutDependencies(each, isMoved)) },
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
