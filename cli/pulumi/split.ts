import type { StackSettings } from "../../fleet/reading/stack-settings";
import type { DeployedCluster } from "./clusters";

/**
 * Checks that an update does not delete a cluster only because `skerry:clusters` no longer names it: the cluster still belongs to the
 * fleet, so another stack is meant to take it over.
 *
 * @param deployed clusters in the state of the stack
 * @param fleet names of the clusters in the environment's fleet
 * @throws Error that names each such cluster
 */
export function checkTakenOver(
  { clusters }: Pick<StackSettings, "clusters">,
  stack: string,
  deployed: readonly DeployedCluster[],
  fleet: readonly string[],
): void {
  const left = deployed.filter(({ name }) => clusters && !clusters.includes(name) && fleet.includes(name));
  if (left.length === 0) return;
  throw new Error(
    left
      .map(
        ({ name }) =>
          `skerry:clusters does not name cluster "${name}", which this stack has deployed: the update would delete it. ` +
          `Move it first with skerry move ${name} --from ${stack} --to <stack>, or remove it from the fleet`,
      )
      .join("\n  "),
  );
}
