import { execFileSync } from "node:child_process";

/**
 * Checks a stack in a real AWS account after `pulumi up`. It changes one thing: it terminates an agent, which its scaling group
 * replaces. It needs the AWS CLI, the Pulumi CLI, kubectl, and:
 *
 *   SKERRY_E2E_AWS_ACCOUNT=111122223333 SKERRY_E2E_AWS_STACK=staging npx jest test/e2e-aws
 */
const { SKERRY_E2E_AWS_ACCOUNT: account, SKERRY_E2E_AWS_STACK: stack } = process.env;
const reason = account && stack ? undefined : "needs SKERRY_E2E_AWS_ACCOUNT and SKERRY_E2E_AWS_STACK";
if (reason) console.warn(`skipped: test/e2e-aws/aws.test.ts ${reason}`);

const JOIN_TIMEOUT_MS = 900_000;

const run = (command: string, args: readonly string[], input?: string): string =>
  execFileSync(command, [...args], { encoding: "utf8", ...(input !== undefined && { input }) });
const awsCli = <T>(region: string, ...args: string[]): T =>
  JSON.parse(run("aws", [...args, "--region", region, "--output", "json"])) as T;

interface Instance {
  readonly InstanceId: string;
  readonly PublicIpAddress?: string;
  readonly MetadataOptions: { readonly HttpTokens: string; readonly HttpPutResponseHopLimit: number };
  readonly Placement: { readonly AvailabilityZone: string };
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

// It needs a real account and costs money, so it runs only where one is named. The reason is printed above.
(reason ? describe.skip : describe)("a stack in AWS", () => {
  const kubeconfigs = (): Record<string, string> =>
    JSON.parse(
      run("pulumi", ["stack", "output", "kubeconfigs", "--json", "--show-secrets", "--stack", stack!]),
    ) as Record<string, string>;
  const kubectl = (kubeconfig: string, ...args: string[]): string =>
    run("kubectl", ["--kubeconfig", "/dev/stdin", ...args], kubeconfig);
  const readyNodes = (kubeconfig: string): string[] =>
    kubectl(kubeconfig, "get", "nodes", "--no-headers")
      .split("\n")
      .filter((line) => /\sReady\s/.test(line))
      .map((line) => line.split(/\s/)[0]!);
  const regions = (): string[] =>
    awsCli<{ Regions: { RegionName: string }[] }>("us-east-1", "ec2", "describe-regions").Regions.map(
      (each) => each.RegionName,
    );
  const instances = (region: string, cluster: string): Instance[] =>
    awsCli<{ Reservations: { Instances: Instance[] }[] }>(
      region,
      "ec2",
      "describe-instances",
      "--filters",
      `Name=tag:skerry:cluster,Values=${cluster}`,
      "Name=instance-state-name,Values=running",
    ).Reservations.flatMap(({ Instances }) => Instances);

  test("runs in the stated account", () => {
    expect(awsCli<{ Account: string }>("us-east-1", "sts", "get-caller-identity").Account).toBe(account);
  });

  test("every instance has joined, without a public address and with IMDSv2", () => {
    for (const [cluster, kubeconfig] of Object.entries(kubeconfigs())) {
      const found = regions().flatMap((region) => instances(region, cluster));
      expect(found.length).toBeGreaterThan(0);
      for (const each of found) {
        expect(each.PublicIpAddress).toBeUndefined();
        expect(each.MetadataOptions).toMatchObject({ HttpTokens: "required", HttpPutResponseHopLimit: 1 });
      }
      expect(readyNodes(kubeconfig)).toHaveLength(found.length);
    }
  });

  test("the programs of AWS run", () => {
    for (const kubeconfig of Object.values(kubeconfigs())) {
      for (const kind of [
        "deployment/ebs-csi-controller",
        "daemonset/ebs-csi-node",
        "daemonset/aws-cloud-controller-manager",
      ]) {
        kubectl(kubeconfig, "--namespace", "kube-system", "rollout", "status", kind, "--timeout=120s");
      }
    }
  });

  test(
    "a terminated agent is replaced, and its replacement joins",
    async () => {
      const [cluster, kubeconfig] = Object.entries(kubeconfigs())[0]!;
      const agent = regions()
        .flatMap((region) => instances(region, cluster).map((each) => ({ region, ...each })))
        .find(({ Tags }) => !Tags.some(({ Key }) => Key === "skerry:node"))!;
      const before = readyNodes(kubeconfig);
      awsCli(agent.region, "ec2", "terminate-instances", "--instance-ids", agent.InstanceId);
      const deadline = Date.now() + JOIN_TIMEOUT_MS;
      const joined = (): string[] => readyNodes(kubeconfig).filter((node) => !before.includes(node));
      while (joined().length === 0) {
        if (Date.now() > deadline) throw new Error("no new node joined within 15 minutes");
        await new Promise((resolve) => setTimeout(resolve, 10_000));
      }
    },
    JOIN_TIMEOUT_MS + 60_000,
  );
});
