import type { BrokerClient } from "../model";
import { pathText, type Problem, shown } from "../problem";
import type { ClusterPart, Readable } from "./readable";

/** A StatefulSet's pod is `<name>-0`, and its revision label adds eleven characters to the name: 63 in all. */
const LONGEST_NAME = 52;
/** X.509's limit for a common name, which is the user that access lists know. */
const LONGEST_USER = 64;

/** MQTT 5.0, section 4.7: `+` stands alone in its level, `#` stands alone in the last one. */
function filterProblem(filter: string): string | undefined {
  const levels = filter.split("/");
  const misplaced = levels.some(
    (level, index) =>
      (level.includes("+") && level !== "+") || (level.includes("#") && (level !== "#" || index !== levels.length - 1)),
  );
  if (filter === "" || misplaced || /[\s\0]/.test(filter)) {
    return `got ${shown(filter)}, allowed are topic levels without white space, + for a level, # for all that follow at the end`;
  }
  return filter.startsWith("$") ? `got ${shown(filter)}, topics that begin with $ are the broker's own` : undefined;
}

const filterProblems = (path: readonly PropertyKey[], filters: readonly string[]): Problem[] =>
  filters.flatMap((filter, index) => {
    const message = filterProblem(filter);
    return message ? [{ path: pathText([...path, index]), message }] : [];
  });

function clientProblems(path: readonly PropertyKey[], broker: string, clients: readonly BrokerClient[]): Problem[] {
  const seen = new Set<string>();
  return clients.flatMap((client, index) => {
    const here = [...path, "clients", index];
    const twice = seen.has(client.name);
    seen.add(client.name);
    const user = `client:${broker}:${client.name}`;
    return [
      ...(twice
        ? [
            {
              path: pathText([...here, "name"]),
              message: `got ${shown(client.name)}, which another client of the broker has`,
            },
          ]
        : []),
      ...(user.length > LONGEST_USER
        ? [
            {
              path: pathText([...here, "name"]),
              message: `its user ${user} has ${user.length} characters, allowed are ${LONGEST_USER}: shorten it or the broker's name`,
            },
          ]
        : []),
      ...(client.publish.length + client.subscribe.length === 0
        ? [
            {
              path: pathText(here),
              message: "may neither publish nor subscribe to anything: state publish or subscribe, or leave it out",
            },
          ]
        : []),
      ...filterProblems([...here, "publish"], client.publish),
      ...filterProblems([...here, "subscribe"], client.subscribe),
    ];
  });
}

/** Names of the Secrets that brokers and clients get: see `charts/mqtt/names.ts`. */
function secretNames(name: string, clients: readonly BrokerClient[]): string[] {
  return [`${name}-tls`, `${name}-bridge-tls`, ...clients.map((client) => `${name}-client-${client.name}`)];
}

function clusterProblems({ path, value, nodePools, brokers, cloudBroker, complete }: ClusterPart): Problem[] {
  const problems: Problem[] = [];
  const all = [...(cloudBroker ? [cloudBroker] : []), ...brokers];
  const holders = new Map<string, string>();
  for (const broker of all) {
    const { name, clients } = broker.value;
    const at = pathText([...broker.path, "name"]);
    if (name.length > LONGEST_NAME)
      problems.push({ path: at, message: `has ${name.length} characters, allowed are ${LONGEST_NAME}` });
    problems.push(...clientProblems(broker.path, name, clients));
    for (const secret of new Set(secretNames(name, clients))) {
      const holder = holders.get(secret);
      if (holder && holder !== name) {
        problems.push({
          path: at,
          message: `got ${shown(name)}: Secret ${secret} would be ${holder}'s too: rename one of the two`,
        });
      }
      holders.set(secret, name);
    }
  }
  const stands = (region: string, role: string): boolean =>
    nodePools.some((pool) => pool.value.region === region && pool.value.role === role);
  for (const broker of brokers) {
    problems.push(...filterProblems([...broker.path, "forward"], broker.value.forward));
    if (complete && !stands(broker.value.region, "edge-worker")) {
      const message = `got ${shown(broker.value.region)}, where cluster ${value.name} has no edge node: add a node pool there, or move the broker`;
      problems.push({ path: pathText([...broker.path, "region"]), message });
    }
    const limit = cloudBroker?.value.queue.messageKiB;
    if (limit !== undefined && broker.value.queue.messageKiB > limit) {
      const message = `got ${broker.value.queue.messageKiB}, at most ${limit}, what the cloud broker takes: a larger message would never get through`;
      problems.push({ path: pathText([...broker.path, "queue", "messageKiB"]), message });
    }
  }
  if (complete && brokers.length > 0 && !cloudBroker) {
    problems.push({
      path: pathText([...path, "cloudBroker"]),
      message: "missing: the cluster's brokers have none to forward to",
    });
  }
  if (complete && cloudBroker && !stands(value.homeRegion, "cloud-worker")) {
    const message = `cluster ${value.name} has no cloud-worker node in its home region ${value.homeRegion}, where its cloud broker runs: add a node pool`;
    problems.push({ path: pathText([...path, "cloudBroker"]), message });
  }
  return problems;
}

/** Brokers have somewhere to run, and clients topics that exist. */
export const checkBrokers = ({ clusters }: Readable): Problem[] => clusters.flatMap(clusterProblems);
