import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const serversOdd: FleetRule = {
  subject: "fleet",
  id: "servers-odd",
  title: "Every cluster has an odd number of K3s servers",
  why: "etcd goes on while more than half of the servers are there: an even number bears no more losses than one less, and has more to lose.",
  severity: "error",
  remedy: "State 1, 3 or 5 servers.",
  check: ({ clusters }) =>
    clusters.flatMap(({ servers }, index) =>
      Number(servers) % 2 === 1
        ? []
        : [
            {
              path: formatPath(["clusters", index, "servers"]),
              message: `got ${String(servers)}, allowed is 1, 3 or 5`,
            },
          ],
    ),
};
