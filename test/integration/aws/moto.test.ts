import { privateArgs, recordClusters, recordStack, smallCluster, stackConfig } from "../../unit/aws/support/clusters";
import type { Recorded, Recording } from "../../unit/aws/support/recording";
import { prepareVenv, runPython } from "../../python/venv";

// Without Python or access to its packages, moto cannot be installed. The reason is printed.
const venv = prepareVenv();
if ("reason" in venv) console.warn(`skipped: test/integration/aws/moto.test.ts ${venv.reason}`);
const suite = "reason" in venv ? describe.skip : describe;
const python = venv as { readonly python: string };

const cloudOf = ({ resources }: Recording): Recorded[] => resources.filter(({ type }) => type.startsWith("aws:"));

/** Returns the policies of roles and buckets, by name. Parliament cannot read those that say who may assume a role. */
function policiesOf(resources: readonly Recorded[]): Record<string, unknown> {
  return Object.fromEntries(
    resources.flatMap(({ type, name, inputs }) =>
      typeof inputs.policy === "string" ? [[`${type} ${name}`, JSON.parse(inputs.policy) as unknown]] : [],
    ),
  );
}

suite("AWS' API, as moto serves it", () => {
  let production: Recording;
  let isolated: Recording;

  beforeAll(async () => {
    isolated = await recordClusters([smallCluster], privateArgs);
    production = await recordStack("production", stackConfig);
  }, 600_000);

  test("accepts every resource of the production stack, in the order of their dependencies", () => {
    const cloud = cloudOf(production);
    expect(runPython(python, "create_resources.py", cloud)).toEqual({ created: cloud.length, problems: [] });
  }, 600_000);

  test("accepts a network without internet, an internal load balancer and a name in Route 53", () => {
    const zone = { type: "test:zone", name: "k3s.example.com", id: privateArgs.api!.zone!.id };
    const cloud = [zone, ...cloudOf(isolated)];
    expect(runPython(python, "create_resources.py", cloud)).toEqual({ created: cloud.length, problems: [] });
  }, 600_000);

  test("reports what the API refuses, and types without an API call", () => {
    const [vpc, subnet] = ["aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"].map((type) =>
      isolated.resources.find((resource) => resource.type === type)!,
    );
    const overlapping = [
      vpc!,
      subnet!,
      { ...subnet!, name: "again", id: "subnet-again" },
      { ...vpc!, type: "aws:a/b:C" },
    ];
    const { problems } = runPython(python, "create_resources.py", overlapping) as { problems: string[] };
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain("InvalidSubnet.Conflict");
    expect(problems[1]).toContain("no API call is known for this type");
  }, 600_000);

  test("parliament accepts every policy, and finds a wrong action", () => {
    const policies = policiesOf([...cloudOf(production), ...cloudOf(isolated)]);
    expect(Object.keys(policies).length).toBeGreaterThan(15);
    expect(runPython(python, "lint_policies.py", policies)).toEqual([]);
    const wrong = { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:GetObjects", Resource: "*" } };
    expect(runPython(python, "lint_policies.py", { wrong })).not.toEqual([]);
  }, 600_000);
});
