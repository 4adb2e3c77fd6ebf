import { formatPath } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const serversRedundant: FleetRule = {
  subject: "fleet",
  id: "servers-redundant",
  title: "Every cluster bears the loss of a K3s server",
  why: "While a single server is away, nothing is placed or moved, and an agent that restarts starts none of its pods.",
  severity: "info",
  remedy: "State 3 servers where the cluster has to go on without one; a site that may wait needs none.",
  check: ({ clusters }) =>
    clusters.flatMap(({ name, servers }, index) =>
      servers === 1
        ? [
            {
              path: formatPath(["clusters", index, "servers"]),
              message: `cluster ${name} has one server, recommended are 3`,
            },
          ]
        : [],
    ),
};
