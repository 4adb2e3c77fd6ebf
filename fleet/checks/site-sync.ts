import { HUB, SITE_SYNC, siteSyncName, SYNC_MESSAGE_KIB } from "../edge-data/sites";
import type { Broker, CloudBroker } from "../model";
import { formatPath, formatValue, type Problem } from "../problem";
import { MAX_NAME_LENGTH, MAX_USER_LENGTH } from "./broker-names";
import type { ClusterPart, FleetParts, Part } from "./fleet-parts";

const toProblem = (path: readonly PropertyKey[], message: string): Problem => ({ path: formatPath(path), message });

/** Checks the name of a site: that of its objects, and of its user at the cloud broker. */
function checkSite({ path, value: { name } }: Part<Broker>, cloud: string | undefined): Problem[] {
  if (name === undefined) return [];
  const at = [...path, "name"];
  if (name === HUB) {
    return [toProblem(at, `must not be ${HUB} with siteSync, where it is the name of the cloud: rename the broker`)];
  }
  const object = siteSyncName(name);
  const user = `client:${cloud}:${object}`;
  if (object.length > MAX_NAME_LENGTH) {
    const most = MAX_NAME_LENGTH - siteSyncName("").length;
    return [toProblem(at, `must be at most ${most} characters with siteSync, got ${name.length}`)];
  }
  if (cloud !== undefined && user.length > MAX_USER_LENGTH) {
    const rule = `must give a user name of at most ${MAX_USER_LENGTH} characters with siteSync, got ${formatValue(name)}`;
    return [toProblem(at, `${rule}: ${user} has ${user.length}; shorten it or the cloud broker's name`)];
  }
  return [];
}

/** Checks that no client has a name that site-sync has at the broker. */
function checkClients({ path, value: { clients } }: Part<CloudBroker>, taken: readonly string[]): Problem[] {
  return (clients ?? []).flatMap((client, index) => {
    const name = client?.name;
    if (name === undefined || !taken.includes(name)) return [];
    return [toProblem([...path, "clients", index, "name"], `must not be ${name}, a client of site-sync: rename it`)];
  });
}

function checkCluster({ path, value, brokers, hasBrokers, cloudBroker }: ClusterPart): Problem[] {
  if (!("siteSync" in value)) return [];
  if (!hasBrokers) {
    return [toProblem([...path, "brokers"], "must not be empty with siteSync, because each edge broker is a site")];
  }
  const objects = [HUB, ...brokers.flatMap(({ value: { name } }) => name ?? [])].map(siteSyncName);
  const all = [...(cloudBroker ? [cloudBroker] : []), ...brokers];
  const messageKiB = cloudBroker?.value.queue?.messageKiB;
  return [
    ...brokers.flatMap((broker) => checkSite(broker, cloudBroker?.value.name)),
    ...all.flatMap((broker) => {
      const { name } = broker.value;
      if (name === undefined || !objects.includes(name)) return [];
      return [
        toProblem([...broker.path, "name"], `must not be ${name}, a StatefulSet of site-sync: rename the broker`),
      ];
    }),
    ...(cloudBroker ? checkClients(cloudBroker, objects) : []),
    ...brokers.flatMap((broker) => checkClients(broker, [SITE_SYNC])),
    ...(cloudBroker && messageKiB !== undefined && messageKiB < SYNC_MESSAGE_KIB
      ? [
          toProblem(
            [...cloudBroker.path, "queue", "messageKiB"],
            `must be at least ${SYNC_MESSAGE_KIB} with siteSync, got ${messageKiB}`,
          ),
        ]
      : []),
  ];
}

/** Checks that sites have names that site-sync can use, and a cloud broker that lets its messages through. */
export const checkSiteSync = ({ clusters }: FleetParts): Problem[] => clusters.flatMap(checkCluster);
