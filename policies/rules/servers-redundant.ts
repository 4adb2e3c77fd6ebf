import { pathText } from "../../fleet/problem";
import type { FleetRule } from "../engine/rule";

export const serversRedundant: FleetRule = {
  subject: "fleet",
  id: "servers-redundant",
  title: "Clusters tolerate the loss of a server",
  why: "While a single server is down, no pod is scheduled or moved, and an agent that restarts starts none of its pods.",
  severity: "info",
  remedy: "Set servers to 3 if the cluster must survive the loss of one. A site that can wait needs only one.",
  check: ({ clusters }) =>
    clusters.flatMap(({ name, servers }, index) =>
      servers === 1
        ? [
            {
              path: pathText(["clusters", index, "servers"]),
              message: `got 1, should be 3: cluster ${name} has a single server`,
            },
          ]
        : [],
    ),
};
