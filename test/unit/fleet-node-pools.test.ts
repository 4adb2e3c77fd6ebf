import { checkFleet } from "../../fleet/reading/parse";
import shared from "../fixtures/node-pools.json";
import { smallFleet } from "../fixtures/small-fleet";
import { pathIn } from "./policies/cases/node-pools-valid";

interface Case {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly refused?: string;
}

const [cluster] = smallFleet.clusters;
const at = cluster!.nodePools.findIndex(({ region, zone }) => region === "tokyo" && zone === "tokyo-a");

/** Returns the small fleet with a changed pool. */
function problemsWith(spec: Case["spec"]): string[] {
  const nodePools = cluster!.nodePools.map((pool, index) => (index === at ? { ...pool, ...spec } : pool));
  const checked = checkFleet({ ...smallFleet, clusters: [{ ...cluster, nodePools }, ...smallFleet.clusters.slice(1)] });
  return checked.ok ? [] : checked.problems.map(({ path }) => path);
}

// The cases are shared with the policy rule, the custom resource definition and the controller: they agree.
test.each((shared as readonly Case[]).map((each) => [each.name, each] as const))("%s", (_name, { spec, refused }) => {
  const pool = `clusters[0].nodePools[${at}]`;
  const problems = problemsWith(spec).filter((path) => path.startsWith(pool));
  expect(problems).toEqual(refused === undefined ? [] : [`${pool}.${pathIn(refused)}`]);
});
