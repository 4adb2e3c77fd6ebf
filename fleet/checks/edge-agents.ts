import { agentName, EDGE_INGEST, type EdgeAgentNode, type EdgeCluster, edgeAgentNodes } from "../edge-data/agent-nodes";
import { HUB, SITE_SYNC, siteSyncName } from "../edge-data/sites";
import type { ClusterSpec, EdgeAgents } from "../model";
import { describeUnknown, formatPath, formatValue, type Problem } from "../problem";
import { findDuplicateNames, findDuplicates } from "./duplicates";
import { MAX_NAME_LENGTH, MAX_USER_LENGTH } from "./broker-names";
import type { ClusterPart, FleetParts, Part } from "./fleet-parts";
import { checkOutbox } from "./outboxes";

type Path = readonly PropertyKey[];
type Agents = Part<EdgeAgents>;

const toProblem = (path: Path, message: string): Problem => ({ path: formatPath(path), message });

const withFields = <T>(parts: readonly Part<T>[], ...fields: readonly (keyof T)[]): T[] =>
  parts
    .filter(({ value }) => fields.every((field) => (value as Partial<T>)[field] !== undefined))
    .map(({ value }) => value as T);

/** Returns what decides which nodes have an edge agent, without the parts that could not be read. */
export function readAgents({ value, nodePools, brokers, cloudBroker, edgeAgents }: ClusterPart): EdgeCluster {
  const [cloud] = withFields(cloudBroker ? [cloudBroker] : [], "name", "clients");
  return {
    nodePools: withFields(nodePools, "name", "region", "count"),
    brokers: withFields(brokers, "name", "region", "clients"),
    edgeAgents: withFields(edgeAgents, "name", "nodePools", "relay", "routes", "responses"),
    ...(cloud && { cloudBroker: cloud }),
    ...(value.edgeIngest && { edgeIngest: value.edgeIngest as ClusterSpec["edgeIngest"] }),
    ...(value.siteSync && { siteSync: value.siteSync as ClusterSpec["siteSync"] }),
  };
}

/** Checks that what agents need exists: the ingest, and the cloud broker, where its name is free. */
function checkRequired({ path, value, edgeAgents, cloudBroker, hasCloudBroker }: ClusterPart): Problem[] {
  const hasIngest = "edgeIngest" in value;
  const taken = hasIngest ? (cloudBroker?.value.clients ?? []).findIndex((each) => each?.name === EDGE_INGEST) : -1;
  return [
    ...(taken >= 0
      ? [
          toProblem(
            [...path, "cloudBroker", "clients", taken, "name"],
            `must not be ${EDGE_INGEST}, the client of the ingest: rename it`,
          ),
        ]
      : []),
    ...(edgeAgents.length > 0 && !hasIngest
      ? [
          toProblem(
            [...path, "edgeIngest"],
            "missing required field: an edge agent keeps its messages until an ingest has stored them",
          ),
        ]
      : []),
    ...(hasIngest && !hasCloudBroker
      ? [
          toProblem(
            [...path, "cloudBroker"],
            "missing required field: the ingest receives messages from the cloud broker",
          ),
        ]
      : []),
  ];
}

function checkPools({ nodePools, allPools }: ClusterPart, { path, value }: Agents): Problem[] {
  const names = nodePools.flatMap(({ value: { name } }) => name ?? []);
  const complete = allPools && names.length === nodePools.length;
  return (value.nodePools ?? []).flatMap((name, index) => {
    const at = [...path, "nodePools", index];
    if (name === undefined) return [];
    const pool = nodePools.find((each) => each.value.name === name)?.value;
    if (!pool) return complete ? [toProblem(at, describeUnknown("node pool", name, names))] : [];
    if (!pool.nodes?.label) return [];
    const rule = "must be a pool that lists its nodes, because each agent has a certificate and topics of its node";
    const remedy = "list them by nodes.names, or move those that need an agent to a pool that does";
    return [toProblem(at, `${rule}, got ${formatValue(name)}, which selects its nodes by a label: ${remedy}`)];
  });
}

/** Checks the broker of the agents: that it exists, and that it is stated where the region has several. */
function checkBroker(cluster: ClusterPart, { path, value }: Agents): Problem[] {
  const { brokers, cloudBroker, nodePools } = cluster;
  const all = [...(cloudBroker ? [cloudBroker] : []), ...brokers];
  const names = all.flatMap(({ value: { name } }) => name ?? []);
  if ("broker" in value) {
    const isUnknown = value.broker !== undefined && names.length === all.length && !names.includes(value.broker);
    return isUnknown ? [toProblem([...path, "broker"], describeUnknown("broker", value.broker, names))] : [];
  }
  const regions = nodePools
    .filter((pool) => pool.value.name !== undefined && value.nodePools?.includes(pool.value.name))
    .flatMap(({ value: { region } }) => region ?? []);
  return [...new Set(regions)].flatMap((region) => {
    const here = brokers.filter((broker) => broker.value.region === region);
    if (here.length < 2) return [];
    const choices = here.flatMap(({ value: { name } }) => name ?? []).join(", ");
    const message = `missing required field: region ${region} has several brokers: must be one of: ${choices}`;
    return [toProblem([...path, "broker"], message)];
  });
}

/** Checks that sensors and routes refer to classes, that names are unique, and that a listener accepts something. */
function checkClasses({ path, value }: Agents): Problem[] {
  const parts = <T>(field: string, items: readonly (T | undefined)[] | undefined) =>
    (items ?? []).flatMap((each, index) => (each ? [{ path: [...path, field, index], value: each }] : []));
  const [classes, sensors] = [parts("classes", value.classes), parts("sensors", value.sensors)];
  const routes = parts("routes", value.routes);
  const names = classes.flatMap((each) => each.value.name ?? []);
  const known = value.classes !== undefined && names.length === value.classes.length;
  return [
    ...(value.relay === "listener" && value.routes?.length === 0
      ? [toProblem([...path, "routes"], "must not be empty with a listener, which refuses messages without a route")]
      : []),
    ...findDuplicateNames(classes, "classes of an outbox"),
    ...findDuplicateNames(sensors, "sensors of an edge agent"),
    ...findDuplicates([...path, "responses"], value.responses),
    ...[...sensors, ...routes].flatMap((each) => {
      const name = each.value.class;
      const isUnknown = known && name !== undefined && !names.includes(name);
      return isUnknown ? [toProblem([...each.path, "class"], describeUnknown("class", name, names))] : [];
    }),
  ];
}

/** Finds what is wrong with the names that a node gets. Undefined if nothing is. */
type NodeCheck = (
  agent: EdgeAgentNode,
) => { readonly field: "name" | "nodePools"; readonly message: string } | undefined;

function nodeChecks(cluster: ClusterPart, nodes: readonly EdgeAgentNode[]): readonly NodeCheck[] {
  const brokers = [...(cluster.cloudBroker ? [cluster.cloudBroker] : []), ...cluster.brokers];
  const reserved = new Map([
    ...brokers.map(({ value: { name } }) => [name, `broker ${name}`] as const),
    [EDGE_INGEST, "the ingest"] as const,
    ...("siteSync" in cluster.value
      ? [HUB, ...cluster.brokers.flatMap(({ value: { name } }) => name ?? [])].map(
          (site) => [siteSyncName(site), SITE_SYNC] as const,
        )
      : []),
  ]);
  const objectOf = agentName;
  // The first one of each stays, because entries that come later overwrite earlier ones.
  const byObject = new Map([...nodes].reverse().map((agent) => [objectOf(agent), agent]));
  const byNode = new Map([...nodes].reverse().map((agent) => [agent.node, agent]));
  const got = ({ agents }: EdgeAgentNode): string => `got ${formatValue(agents.name)}`;
  return [
    (agent) => {
      const object = objectOf(agent);
      if (object.length <= MAX_NAME_LENGTH) return undefined;
      const message = `must give names of at most ${MAX_NAME_LENGTH} characters, ${got(agent)}: ${object} has ${object.length}`;
      return { field: "name", message };
    },
    (agent) => {
      const user = `client:${agent.broker}:${agent.node}`;
      if (user.length <= MAX_USER_LENGTH) return undefined;
      const rule = `must give user names of at most ${MAX_USER_LENGTH} characters, ${got(agent)}`;
      return {
        field: "name",
        message: `${rule}: ${user} has ${user.length}; shorten the name of the broker or the pool`,
      };
    },
    (agent) => {
      const object = objectOf(agent);
      const first = byObject.get(object);
      const owner = reserved.get(object) ?? (first!.node === agent.node ? undefined : `node ${first!.node}`);
      if (owner === undefined) return undefined;
      return {
        field: "name",
        message: `duplicate StatefulSet ${object}, already that of ${owner}, ${got(agent)}: rename one`,
      };
    },
    ({ agents, node }) => {
      const first = byNode.get(node)!.agents;
      if (first === agents) return undefined;
      return {
        field: "nodePools",
        message: `must not contain node ${node}, which already has an agent of ${first.name}`,
      };
    },
    ({ node, broker }) => {
      const clients = brokers.find(({ value }) => value.name === broker)?.value.clients;
      if (!clients?.some((client) => client?.name === node)) return undefined;
      return {
        field: "nodePools",
        message: `must not contain node ${node}: broker ${broker} has a client of that name; rename the client`,
      };
    },
  ];
}

/** Checks the names that each node gets: of its objects, its user, and its client at the broker. Reports one node per problem. */
function checkNodes(cluster: ClusterPart): Problem[] {
  const nodes = edgeAgentNodes(readAgents(cluster));
  const checks = nodeChecks(cluster, nodes);
  return cluster.edgeAgents.flatMap(({ path, value }) => {
    const own = nodes.filter(({ agents }) => agents === value);
    return checks.flatMap((check) =>
      own
        .flatMap((agent) => check(agent) ?? [])
        .slice(0, 1)
        .map(({ field, message }) => toProblem([...path, field], message)),
    );
  });
}

function checkCluster(cluster: ClusterPart): Problem[] {
  const { edgeAgents } = cluster;
  return [
    ...checkRequired(cluster),
    ...findDuplicateNames(edgeAgents, "edge agents of a cluster"),
    ...edgeAgents.flatMap((agents) => [
      ...checkPools(cluster, agents),
      ...checkBroker(cluster, agents),
      ...checkClasses(agents),
      ...checkOutbox(cluster, agents),
    ]),
    ...checkNodes(cluster),
  ];
}

/** Checks that edge agents have nodes, brokers, an ingest, unique names, and disks with room for their messages. */
export const checkEdgeAgents = ({ clusters }: FleetParts): Problem[] => clusters.flatMap(checkCluster);
