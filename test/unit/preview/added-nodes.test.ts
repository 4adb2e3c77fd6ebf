import { parseFleet } from "../../../fleet/reading/parse";
import { addNodes, parsePool } from "../../../preview/added-nodes";
import { local } from "../../../stacks/local";

const fleet = parseFleet(local);
const add = (text: string) => addNodes(fleet, parsePool(text));

describe("nodes that are added", () => {
  it("form a new pool in the cluster of the region, with every default of the fleet", () => {
    const { fleet: changed, added } = add("region=osaka,device=raspberry-pi-5,count=4");
    expect(added).toEqual({
      cluster: "tokyo",
      pool: "osaka-added",
      region: "osaka",
      device: "raspberry-pi-5",
      count: 4,
    });
    const pool = changed.clusters[2]!.nodePools.at(-1)!;
    expect(pool).toMatchObject({ name: "osaka-added", zone: "osaka-a", role: "edge-worker", count: 4, taints: [] });
    expect(pool.capacity).toMatchObject({ cpuCores: 4, memoryMiB: 8192 });
    expect(changed.clusters[2]!.nodePools.slice(0, -1)).toEqual(fleet.clusters[2]!.nodePools);
  });

  it("join an existing pool, with its taints and labels", () => {
    const { fleet: changed, added } = add("pool=tokyo-gw,count=2");
    const before = fleet.clusters[2]!.nodePools.find(({ name }) => name === "tokyo-gw")!;
    expect(changed.clusters[2]!.nodePools).toContainEqual({ ...before, count: 6 });
    expect(added).toMatchObject({ cluster: "tokyo", pool: "tokyo-gw", count: 2 });
  });

  it("do not change the fleet that they are added to", () => {
    const copy = structuredClone(fleet);
    add("pool=tokyo-gw,count=2");
    expect(fleet).toEqual(copy);
  });

  it.each([
    ["region=tokyo,colour=red,device", ['unknown field "colour"', "device: must not be empty"]],
    ["region=tokyo,region=osaka,count=1", ["region: must be set once"]],
    ["region=tokyo,device=raspberry-pi-5,count=0", ["count: must be a whole number of at least 1, got 0"]],
    ["region=tokyo,device=raspberry-pi-5", ["count: must be a whole number of at least 1, got nothing"]],
    ["pool=tokyo-pi55,count=1", ['unknown pool "tokyo-pi55": did you mean "tokyo-pi5"?']],
    ["pool=tokyo-pi5,count=1,device=raspberry-pi-4", ["device: must not be set with pool"]],
    ["pool=tokyo-pi5,count=1,cluster=frankfurt", ['unknown pool "tokyo-pi5"']],
    ["region=tokyo,device=raspberry-pi-5,count=1,cluster=tokio", ['unknown cluster "tokio": did you mean "tokyo"?']],
    ["region=tokio,device=raspberry-pi-5,count=1", ["cluster must be set to one of: frankfurt, washington, tokyo"]],
    [
      "region=tokio,device=raspberry-pi-6,count=1,cluster=tokyo",
      ['--add-pool: region: unknown region "tokio"', '--add-pool: device: unknown device "raspberry-pi-6"'],
    ],
    ["name=tokyo-gw,region=tokyo,device=raspberry-pi-5,count=1", ["--add-pool: name: "]],
  ])("are refused: %s", (text, messages) => {
    for (const message of messages) expect(() => add(text)).toThrow(message);
  });
});
