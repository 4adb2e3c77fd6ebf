import { pathText } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const serversOdd: FleetRule = {
  subject: "fleet",
  id: "servers-odd",
  title: "Clusters have an odd number of servers",
  why: "etcd needs a majority of its servers. An even number tolerates no more failures than one server less, and adds a server that can fail.",
  severity: "error",
  remedy: "Set servers to 1, 3 or 5.",
  check: ({ clusters }) =>
    clusters.flatMap(({ servers }, index) =>
      Number(servers) % 2 === 1
        ? []
        : [
            {
              path: pathText(["clusters", index, "servers"]),
              message: `got ${String(servers)}, must be one of 1, 3, 5`,
            },
          ],
    ),
};
