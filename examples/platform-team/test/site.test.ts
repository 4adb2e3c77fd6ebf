import * as pulumi from "@pulumi/pulumi";
import { LabMachines } from "skerry/components";
import { parseFleet } from "skerry/fleet";
import { SkerryMocks } from "skerry/jest";

import charts from "../charts";
import { Site } from "../components/site";
import { fleet as input } from "../fleet";
import policy from "../policy";

interface Metadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const mocks = new SkerryMocks();
const enforced = { policy, environment: "local", today: "2026-11-24" };

beforeAll(() => pulumi.runtime.setMocks(mocks, "ports", "local"));

const value = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => void output.apply(resolve));

test("creates a cluster with all objects, labelled with the team", async () => {
  const fleet = parseFleet(input);
  const site = new Site("north-sea-site", {
    fleet,
    cluster: "north-sea",
    machines: new LabMachines(),
    team: "quay",
    policy: enforced,
    charts,
  });
  expect(await value(site.kubeconfig)).toContain("https://127.9.0.1:6443");
  expect(await pulumi.isSecret(site.kubeconfig)).toBe(true);
  await pulumi.runtime.disconnect();

  const objects = mocks.resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const metadata = objects.map(({ inputs }) => inputs.metadata as Metadata);
  const names = metadata.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["edge-scheduler", "crane-gateway", "inspector-hamburg", "skerry-own-pods-error"]),
  );
  expect(metadata.filter(({ labels }) => labels?.["example.com/team"] !== "quay")).toEqual([]);
});

test("rejects an unknown cluster", () => {
  const fleet = parseFleet(input);
  const args = { fleet, cluster: "south-sea", machines: new LabMachines(), team: "quay", policy: enforced };
  expect(() => new Site("south-sea-site", args)).toThrow('unknown cluster "south-sea" in fleet ports');
});
