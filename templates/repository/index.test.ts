import * as pulumi from "@pulumi/pulumi";
import { SkerryMocks } from "skerry/jest";

// The program runs without Pulumi's engine. The mocks fail the test at a resource that they do not know.
const mocks = new SkerryMocks();

beforeAll(() => pulumi.runtime.setMocks(mocks, "my-fleet", "local"));

const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => void output.apply(resolve));

test("the program creates the cluster and applies its objects", async () => {
  const { kubeconfigs } = jest.requireActual<typeof import("./index")>("./index");
  expect(await valueOf(kubeconfigs.europe!)).toContain("https://127.9.0.1:6443");
  expect(await pulumi.isSecret(kubeconfigs.europe!)).toBe(true);
  await pulumi.runtime.disconnect();
  const names = mocks.resources.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(["europe-server-1", "europe-delivery:DaemonSet.apps/telemetry/sensor-gateway"]),
  );
});
