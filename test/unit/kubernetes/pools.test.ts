import fc from "fast-check";

import { renderFleet } from "../../../charts/render";
import { poolsFor } from "../../../fleet/placement-targets";
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
