import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chartObjects } from "../../../charts/chart-objects";
import type { AwsPrograms } from "../../../components/nodes/aws/arguments";
import { checkArguments } from "../../../components/nodes/aws/checks";
import { AwsMachines } from "../../../components/nodes/aws/machines";
import { common, smallCluster } from "./support/clusters";

const folder = mkdtempSync(join(tmpdir(), "skerry-charts-"));
const archive = join(folder, "driver-1.0.0.tgz");
const digestOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

beforeAll(() => {
  mkdirSync(join(folder, "driver", "templates"), { recursive: true });
  writeFileSync(join(folder, "driver", "Chart.yaml"), "apiVersion: v2\nname: driver\nversion: 1.0.0\n");
  writeFileSync(
    join(folder, "driver", "templates", "config.yaml"),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: driver}\n",
  );
  execFileSync("tar", ["-czf", archive, "-C", folder, "driver"]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const argsWith = (programs: AwsPrograms) => ({
  ...common,
  sites: {
    frankfurt: { region: "eu-central-1", cidr: "10.64.0.0/20" },
    london: { region: "eu-west-2", cidr: "10.65.0.0/20" },
  },
  programs,
});

test("an archive with its digest is part of the object, and the cluster downloads no chart", () => {
  const source = { archive, sha256: digestOf(archive) };
  const charts = new AwsMachines(argsWith({ ebsCsiDriver: { source } })).charts(smallCluster).flatMap(chartObjects);
  const { spec } = charts.find(({ kind, metadata }) => kind === "HelmChart" && metadata.name === "aws-ebs-csi-driver")!;
  expect(spec).toMatchObject({ chartContent: readFileSync(archive).toString("base64"), bootstrap: true });
  for (const key of ["chart", "version", "archive", "sha256"]) expect(spec).not.toHaveProperty(key);
});

test("archives that were exchanged, do not exist or are too large are refused at once, with their paths", () => {
  const large = join(folder, "large.tgz");
  writeFileSync(large, Buffer.alloc(1024 * 1024 + 1));
  const missing = join(folder, "missing.tgz");
  const expected = "0".repeat(64);
  const args = argsWith({
    cloudController: { source: { archive, sha256: expected } },
    ebsCsiDriver: { source: { archive: missing, sha256: expected } },
    terminationHandler: { source: { archive: large, sha256: digestOf(large) } },
    clusterAutoscaler: false,
  });
  expect(checkArguments(args)).toEqual([
    {
      path: "programs.cloudController.source.sha256",
      message: `must be the SHA-256 of ${archive}, which is ${digestOf(archive)}, got ${expected}`,
    },
    {
      path: "programs.terminationHandler.source.archive",
      message: "must have at most 1024 KiB, got 1025 KiB: it becomes part of an object",
    },
    { path: "programs.ebsCsiDriver.source.archive", message: `${missing} does not exist` },
  ]);
  expect(() => new AwsMachines(args)).toThrow(/3 problems/);
});

test("a changed byte is noticed", () => {
  const sha256 = digestOf(archive);
  const changed = join(folder, "changed.tgz");
  const content = readFileSync(archive);
  content[content.length - 1]! ^= 1;
  writeFileSync(changed, content);
  expect(checkArguments(argsWith({ ebsCsiDriver: { source: { archive: changed, sha256 } } }))).toMatchObject([
    { path: "programs.ebsCsiDriver.source.sha256" },
  ]);
});
