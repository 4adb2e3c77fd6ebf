import { kubernetesFlags, type Tool } from "../tools/catalogue";

/** A program of the runtime that runs in clusters. */
export interface ImageProgram {
  readonly name: string;
  /** Go build tags, separated by commas. @default - none */
  readonly tags?: string;
  /** Linker flags. @default - none */
  readonly ldflags?: string;
}

/** Programs that have an image, fastest builds first. */
export const imagePrograms: readonly ImageProgram[] = [
  { name: "node-agent" },
  // All drivers. Without HTTP/2, which the agent's pages do not need, the program stays within its size.
  { name: "edge-agent", tags: "modbus,onewire,nethttpomithttp2" },
  { name: "edge-ingest" },
  { name: "site-sync" },
  { name: "node-controller", ldflags: kubernetesFlags },
  { name: "edge-scheduler", ldflags: kubernetesFlags },
];

/** Builds and pushes images. It is not one of `tools`, because only `skerry images` needs it. */
export const imageBuilder: Tool = {
  name: "image-builder",
  purpose: "builds OCI images; skerry images runs it",
  version: "0.1.0",
  build: { module: "toolchain/images", package: ".", ldflags: "-s -w", ownSources: true },
};
