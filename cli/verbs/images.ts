import type { Command } from "commander";

import { describeUnknown } from "../../fleet/problem";
import { packageVersion } from "../../fleet/package-folder";
import { type BuiltImage, buildImage, type ImageOptions } from "../images/build-images";
import { imageBuilder, imagePrograms } from "../images/programs";
import { ConsoleProgress } from "../progress";
import { formatColumns } from "../table";
import { resolveTools } from "../tools/resolve";

const render = (images: readonly BuiltImage[]): string =>
  formatColumns(
    images.map(({ reference, digest, platforms }) => [
      reference,
      digest,
      platforms.map(({ platform, bytes }) => `${platform} ${(bytes / 1e6).toFixed(1)} MB`).join(", "),
    ]),
    ["IMAGE", "DIGEST", "PLATFORMS"],
  );

/** `skerry images`: builds the images of Skerry's own programs, and pushes them to a registry. */
export function imagesVerb(program: Command): void {
  program
    .command("images [names...]")
    .description("build the OCI images of Skerry's programs, without a container engine")
    .option("--repository <path>", "registry and path of the images", "ghcr.io/skerry-dev")
    .option("--tag <tag>", "tag of the images", packageVersion)
    .option("--platform <list>", "platforms, separated by commas", "linux/amd64,linux/arm64,linux/arm/v7")
    .option("--push", "push to the repository, with the credentials of your container tools", false)
    .option("--output <folder>", "add the images to a folder, in the layout of OCI")
    .option("--json", "print JSON (see docs/images.md)")
    .addHelpText(
      "after",
      `\nImages: ${imagePrograms.map(({ name }) => name).join(", ")}. Equal sources give equal digests.`,
    )
    .action(async (names: string[], { json, ...options }: ImageOptions & { json?: boolean }) => {
      const known = imagePrograms.map(({ name }) => name);
      const unknown = names.filter((name) => !known.includes(name));
      if (unknown.length > 0)
        throw new Error(unknown.map((name) => describeUnknown("image", name, known)).join("\n  "));
      const progress = new ConsoleProgress();
      const [builder] = await resolveTools([imageBuilder], progress);
      const built: BuiltImage[] = [];
      // One at a time, because each compiles on all cores.
      for (const each of imagePrograms.filter(({ name }) => names.length === 0 || names.includes(name))) {
        built.push(await buildImage(builder!.path, each, options, progress));
      }
      process.stdout.write(`${json ? JSON.stringify(built, null, 2) : render(built)}\n`);
    });
}
