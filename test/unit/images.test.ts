import { readdirSync } from "node:fs";
import { join } from "node:path";

import { images } from "../../charts/images";
import { buildImage, builderArguments } from "../../cli/images/build-images";
import { imagePrograms } from "../../cli/images/programs";
import type { Progress } from "../../cli/progress";

const options = { repository: "r.example/skerry", tag: "1.2.3", platform: "linux/arm64", push: true };
const texts: string[] = [];
const progress: Progress = {
  start: (name, text) => {
    texts.push(`${name}: ${text}`);
    return {
      update: (next) => void texts.push(next),
      done: (last) => void texts.push(last),
      failed: (last) => void texts.push(last),
    };
  },
};

it("cover every program of Skerry that a chart runs", () => {
  const names = imagePrograms.map(({ name }) => name);
  for (const reference of Object.values(images).filter((each) => each.startsWith("ghcr.io/skerry-dev/"))) {
    const name = reference.slice("ghcr.io/skerry-dev/".length).split(":")[0]!;
    expect(names).toContain(name);
  }
});

it("contain the edge agent with every driver, and without HTTP/2", () => {
  const { tags = "" } = imagePrograms.find(({ name }) => name === "edge-agent")!;
  const config = join(__dirname, "..", "..", "runtime", "pkg", "edgeagent", "config");
  const drivers = readdirSync(config).flatMap((file) => /^with_(\w+)\.go$/.exec(file)?.[1] ?? []);
  expect(drivers).not.toEqual([]);
  expect(tags.split(",").sort()).toEqual([...drivers, "nethttpomithttp2"].sort());
});

it("are built from the runtime, with the tags and flags of the program", () => {
  expect(builderArguments({ name: "edge-agent", tags: "modbus,onewire" }, { ...options, output: "out" })).toEqual([
    "--name=edge-agent",
    `--module=${join(__dirname, "..", "..", "runtime")}`,
    "--package=./cmd/edge-agent",
    "--tags=modbus,onewire",
    "--version=1.2.3",
    "--repository=r.example/skerry",
    "--platform=linux/arm64",
    "--push",
    "--layout=out",
  ]);
});

it("report what is being done, and the builder's error", async () => {
  // Stands for the builder: prints a step, an error and nothing else.
  const builder = join(__dirname, "..", "fixtures", "failing-image-builder");
  await expect(buildImage(builder, { name: "node-agent" }, options, progress)).rejects.toThrow(
    "image node-agent: go build: undefined: x",
  );
  expect(texts).toEqual(["node-agent: starting", "compiling node-agent for linux/arm64", "failed"]);
});
