import fc from "fast-check";

import { renderFleet } from "../../../charts/render";
import { poolsFor, regionsOf } from "../../../fleet/placement-targets";
import { checkFleet } from "../../../fleet/reading/parse";
import { fitsPool, nodePools } from "../../../policies/kubernetes/nodes";
import { podMakers } from "../../../policies/kubernetes/workloads";
import { arbitraryFleet } from "../support/arbitrary-fleet";

const NAME = "app.kubernetes.io/name";

test("the pools that a workload may use are those that its rendered pods fit", () => {
  let checked = 0;
  fc.assert(
    fc.property(arbitraryFleet, (fleet) => {
      for (const { cluster, objects } of renderFleet(fleet)) {
        const spec = fleet.clusters.find(({ name }) => name === cluster)!;
        for (const maker of podMakers(objects)) {
          const workload = fleet.workloads[maker.labels[NAME]!];
          if (!workload) continue;
          const region = maker.labels["required-region"];
          const expected = poolsFor(spec, workload).filter((pool) => region === undefined || pool.region === region);
          const fitting = nodePools(objects).filter((pool) => fitsPool(maker, pool));
          expect(fitting.map(({ name }) => name).sort()).toEqual(expected.map(({ name }) => name).sort());
          checked += 1;
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(checked).toBeGreaterThan(20);
});

test("the fleet's check rejects a workload exactly if one of its regions has no pool that it may use", () => {
  const checked = { accepted: 0, rejected: 0 };
  fc.assert(
    fc.property(arbitraryFleet, (fleet) => {
      const result = checkFleet(fleet);
      const problems = result.ok ? [] : result.problems;
      for (const [name, workload] of Object.entries(fleet.workloads)) {
        const pools = fleet.clusters.flatMap((cluster) => poolsFor(cluster, workload));
        const regions = regionsOf(workload) ?? [undefined];
        const rejected = regions.some(
          (region) => !pools.some((pool) => region === undefined || pool.region === region),
        );
        expect(problems.some(({ path }) => path.startsWith(`workloads.${name}.placement`))).toBe(rejected);
        checked[rejected ? "rejected" : "accepted"] += 1;
      }
    }),
    { numRuns: 200 },
  );
  expect(Math.min(checked.accepted, checked.rejected)).toBeGreaterThan(20);
});
