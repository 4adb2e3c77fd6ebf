import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { packageFolder } from "../folders";
import type { Progress } from "../progress";
import type { ImageProgram } from "./programs";

/** A built image. */
export interface BuiltImage {
  readonly name: string;
  /** Repository and tag. */
  readonly reference: string;
  /** Digest of the index, by which charts can pin the image. */
  readonly digest: string;
  readonly pushed: boolean;
  readonly platforms: readonly { readonly platform: string; readonly digest: string; readonly bytes: number }[];
  /** Digest of the artifact with the provenance, which refers to the index. */
  readonly provenance: string;
}

/** How images are built. */
export interface ImageOptions {
  /** Registry and path, without the name of the image. */
  readonly repository: string;
  /** Tag of the images. */
  readonly tag: string;
  /** Platforms, separated by commas. */
  readonly platform: string;
  readonly push: boolean;
  /** Folder to which the images are added in the layout of OCI. @default - none */
  readonly output?: string;
}

/** Returns the arguments of the image builder for one program. */
export function builderArguments(program: ImageProgram, options: ImageOptions): string[] {
  const { name, tags, ldflags } = program;
  return [
    `--name=${name}`,
    `--module=${join(packageFolder, "runtime")}`,
    `--package=./cmd/${name}`,
    ...(tags === undefined ? [] : [`--tags=${tags}`]),
    ...(ldflags === undefined ? [] : [`--ldflags=${ldflags}`]),
    `--version=${options.tag}`,
    `--repository=${options.repository}`,
    `--platform=${options.platform}`,
    ...(options.push ? ["--push"] : []),
    ...(options.output === undefined ? [] : [`--layout=${options.output}`]),
  ];
}

/**
 * Builds one image.
 *
 * @param builder path of the image builder
 * @throws Error with the last lines that the builder printed
 */
export async function buildImage(
  builder: string,
  program: ImageProgram,
  options: ImageOptions,
  progress: Progress,
): Promise<BuiltImage> {
  const step = progress.start(program.name, "starting");
  const child = spawn(builder, builderArguments(program, options), { stdio: ["ignore", "pipe", "pipe"] });
  const errors: string[] = [];
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  createInterface(child.stderr).on("line", (line) => {
    if (/^(compiling|pushing) /.test(line)) step.update(line);
    else if (errors.push(line) > 40) errors.shift();
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) {
    step.failed("failed");
    throw new Error(`image ${program.name}: ${errors.join("\n  ").replace(/^error: /, "")}`);
  }
  step.done(options.push ? "pushed" : "built");
  return JSON.parse(output) as BuiltImage;
}
