import { collectDrills } from "../../../preview/drills";
import type { DrillReport } from "../../../preview/simulator/protocol";
import { outcome, simulation } from "./reports";

const drill = { region: "tokyo" };
const displaced: DrillReport["displaced"] = [
  { namespace: "app", name: "a", node: "tokyo-1", fate: "Rescheduled", afterSeconds: 340, to: "osaka-1" },
  { namespace: "app", name: "b", node: "tokyo-2", fate: "Rescheduled", afterSeconds: 345, to: "osaka-1" },
  { namespace: "app", name: "c", node: "tokyo-2", fate: "Unplaceable" },
];

it("counts the pods that a drill displaces by region and fate, with the time of the last", () => {
  const after = outcome([], { drills: [{ drill, displaced }] });
  expect(collectDrills([drill], [simulation(outcome([]), after)])).toEqual([
    {
      drill: "region=tokyo",
      displaced: [
        { cluster: "east", from: "tokyo", fate: "Unplaceable", pods: 1 },
        { cluster: "east", from: "tokyo", to: "osaka", fate: "Rescheduled", pods: 2, afterSeconds: 345 },
      ],
      workloads: [],
      errors: [],
    },
  ]);
});

it("reports an error only if no cluster can run the drill", () => {
  const failed = outcome([], { drills: [{ drill, error: "no such region" }] });
  const fine = outcome([], { drills: [{ drill, displaced }] });
  const errors = (...afters: (typeof fine)[]): readonly string[] =>
    collectDrills(
      [drill],
      afters.map((after) => simulation(outcome([]), after)),
    )[0]!.errors;
  expect(errors(failed, fine)).toEqual([]);
  expect(errors(failed)).toEqual(["east: no such region"]);
});
