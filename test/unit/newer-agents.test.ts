import { describeNewerAgents } from "../../cli/cluster/newer-agents";
import { smallFleet } from "../fixtures/small-fleet";

const [cluster] = smallFleet.clusters;
const live = (...versions: string[]) => ({
  servers: [],
  agents: versions.map((version, index) => ({ name: `gw-${index + 1}`, version })),
});

test("names the agents that are newer than the K3s of the fleet, and what to do", () => {
  expect(describeNewerAgents(cluster!, live("v1.36.3+k3s1", "v1.36.4+k3s1"))).toBe(
    "agents that are newer than v1.36.3+k3s1: gw-2; replace their machines: raise the generation of their pools in the fleet before the next update",
  );
  expect(describeNewerAgents(cluster!, live(...Array.from({ length: 9 }, () => "v1.37.0+k3s1")))).toContain(
    "gw-1, gw-2, gw-3, gw-4, gw-5, 4 others;",
  );
});

test("says nothing where no agent is newer, or nothing is known", () => {
  expect(describeNewerAgents(cluster!, live("v1.36.3+k3s1", "v1.36.2+k3s1"))).toBeUndefined();
  expect(describeNewerAgents(cluster!, { problem: "no answer" })).toBeUndefined();
});
