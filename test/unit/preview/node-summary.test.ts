import fc from "fast-check";

import { coefficientOfVariation, summarizeNodes } from "../../../preview/node-summary";
import { outcome } from "./reports";

describe("the coefficient of variation", () => {
  it.each<[string, number[], number]>([
    ["even values", [0.4, 0.4, 0.4], 0],
    // Mean 5, standard deviation 2.
    ["values", [2, 4, 4, 4, 5, 5, 7, 9], 0.4],
    ["idle nodes", [0, 0], 0],
    ["no nodes", [], 0],
    ["one loaded node of two", [1, 0], 1],
  ])("of %s", (_, values, expected) => expect(coefficientOfVariation(values)).toBe(expected));

  it("does not depend on the unit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }),
        fc.integer({ min: 2, max: 50 }),
        (values, factor) => {
          expect(coefficientOfVariation(values.map((value) => value * factor))).toBeCloseTo(
            coefficientOfVariation(values),
            5,
          );
        },
      ),
    );
  });
});

describe("the summary of nodes", () => {
  const { nodes } = outcome([]);
  const idle = { ...nodes[0]!, name: "server", requested: { cpu: "0", memory: "0" } };

  it("adds the prices that are known and counts the other nodes", () => {
    const prices = { "tokyo-1": 0.1, "tokyo-2": 0.2 };
    expect(summarizeNodes(nodes, { servers: new Set(), prices }).cost).toEqual({ perHour: 0.3, unknownNodes: 1 });
    expect(summarizeNodes(nodes, { servers: new Set(), prices: {} }).cost).toEqual({ perHour: 0, unknownNodes: 3 });
    expect(summarizeNodes(nodes, { servers: new Set() })).not.toHaveProperty("cost");
  });

  it("leaves servers out of the skew, and counts them as capacity", () => {
    const all = [...nodes, idle];
    expect(summarizeNodes(all, { servers: new Set(["server"]) }).skew).toEqual({ cpu: 0, memory: 0 });
    expect(summarizeNodes(all, { servers: new Set() }).skew.cpu).toBeCloseTo(0.57735, 5);
    expect(summarizeNodes(all, { servers: new Set(["server"]) }).requested).toEqual({ cpu: 3 / 16, memory: 0.375 });
  });
});
