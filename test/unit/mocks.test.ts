import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { SkerryMocks } from "../../components/mocks";

const folder = join(__dirname, "..", "..", "components");
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => readFileSync(join(folder, file), "utf8"));
/** Types of the dynamic resources: the first argument of their constructors, before the module with their operations. */
const dynamicTypes = sources.flatMap((source) =>
  [...source.matchAll(/super\(\s*"([a-z]+:[A-Za-z]+)",\s*"components\/[a-z/-]+-operations"/g)].map(([, type]) => type!),
);
const resource = (type: string, custom = true) => ({ type, name: "it", custom, inputs: { release: "r" } });

test("know every resource of Skerry's own", () => {
  const mocks = new SkerryMocks();
  expect(dynamicTypes.length).toBeGreaterThan(15);
  for (const type of dynamicTypes)
    expect(mocks.newResource(resource(`pulumi-nodejs:dynamic/${type}`))).toMatchObject({ id: "it-id" });
  const modules = sources.flatMap((source) => [...source.matchAll(/"components\/[a-z/-]+-operations"/g)]);
  expect(dynamicTypes).toHaveLength(modules.length);
});

test("know Kubernetes objects and components, and list what was registered", () => {
  const mocks = new SkerryMocks();
  const known = [
    resource("kubernetes:apps/v1:Deployment"),
    resource("pulumi:providers:kubernetes"),
    resource("example:sites:Site", false),
  ];
  for (const each of known) mocks.newResource(each);
  expect(mocks.resources).toEqual(known);
});

test("throw on what they do not know", () => {
  const mocks = new SkerryMocks();
  for (const type of ["aws:s3/bucket:Bucket", "pulumi-nodejs:dynamic/clusters:Other", "example:sites:Site"])
    expect(() => mocks.newResource(resource(type))).toThrow(`no mock for ${type}: add it to outputs of SkerryMocks`);
  expect(() => mocks.call({ token: "aws:index/getRegion:getRegion", inputs: {} })).toThrow(
    "no mock for a call of aws:index/getRegion:getRegion: add it to calls of SkerryMocks",
  );
  expect(mocks.resources).toEqual([]);
});

test("take further outputs and calls, which replace their own", () => {
  const mocks = new SkerryMocks({
    outputs: {
      "aws:s3/bucket:Bucket": ({ name }) => ({ arn: `arn:aws:s3:::${name}` }),
      "pulumi-nodejs:dynamic/lab:Address": () => ({ host: "192.0.2.1" }),
    },
    calls: { "aws:index/getRegion:getRegion": () => ({ name: "eu-central-1" }) },
  });
  expect(mocks.newResource(resource("aws:s3/bucket:Bucket")).state).toEqual({ release: "r", arn: "arn:aws:s3:::it" });
  expect(mocks.newResource(resource("pulumi-nodejs:dynamic/lab:Address")).state).toMatchObject({ host: "192.0.2.1" });
  expect(mocks.call({ token: "aws:index/getRegion:getRegion", inputs: {} })).toEqual({ name: "eu-central-1" });
});
