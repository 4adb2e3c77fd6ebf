import * as pulumi from "@pulumi/pulumi";
import { LabMachines } from "skerry/components";
import { parseFleet } from "skerry/fleet";

import charts from "../charts";
import { Site } from "../components/site";
import { fleet as input } from "../fleet";
import policy from "../policy";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly metadata?: { readonly name: string; readonly labels?: Record<string, string> } };
}

/** Outputs by type of resource. Other types fail the test. */
const outputs: Readonly<Record<string, object>> = {
  "pulumi-nodejs:dynamic/clusters:Authority": { files: {}, rootCertificate: "CA" },
  "pulumi-nodejs:dynamic/clusters:Tokens": { serverToken: "S", agentToken: "A" },
  "pulumi-nodejs:dynamic/clusters:ActiveServerToken": { token: "S" },
  "pulumi-nodejs:dynamic/clusters:ServerSet": {},
  "pulumi-nodejs:dynamic/clusters:ServerMembership": {},
  "pulumi-nodejs:dynamic/clusters:Restoration": {},
  "pulumi-nodejs:dynamic/clusters:AdminCertificate": { certificate: "C", key: "K" },
  "pulumi-nodejs:dynamic/lab:Address": { host: "127.9.0.1" },
  "pulumi-nodejs:dynamic/lab:ParameterFolder": {},
  "pulumi-nodejs:dynamic/lab:Parameters": {},
  "pulumi-nodejs:dynamic/lab:Server": {},
  "pulumi-nodejs:dynamic/lab:MachineGroup": { hostnames: [] },
  "pulumi-nodejs:dynamic/mqtt:Certificates": { authority: "CA", issued: {} },
  "pulumi:providers:kubernetes": {},
  "pulumi:index:Stash": {},
};

const registered: Registered[] = [];
const enforced = { policy, environment: "local", today: "2026-11-24" };

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const made = outputs[type] ?? (/^(kubernetes|skerry|example):/.test(type) ? {} : undefined);
        if (!made) throw new Error(`no mock for ${type}`);
        registered.push({ type, name, inputs: inputs as Registered["inputs"] });
        return { id: `${name}-id`, state: { ...inputs, ...made } };
      },
      call: ({ token }) => {
        throw new Error(`no mock for a call of ${token}`);
      },
    },
    "ports",
    "local",
  ),
);

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

  const objects = registered.filter(({ type }) => type.startsWith("kubernetes:"));
  const names = objects.map(({ inputs }) => inputs.metadata?.name);
  expect(names).toEqual(
    expect.arrayContaining(["edge-scheduler", "crane-gateway", "inspector-hamburg", "skerry-own-pods-error"]),
  );
  expect(objects.filter(({ inputs }) => inputs.metadata?.labels?.["example.com/team"] !== "quay")).toEqual([]);
});

test("rejects an unknown cluster", () => {
  const fleet = parseFleet(input);
  const args = { fleet, cluster: "south-sea", machines: new LabMachines(), team: "quay", policy: enforced };
  expect(() => new Site("south-sea-site", args)).toThrow('unknown cluster "south-sea" in fleet ports');
});
