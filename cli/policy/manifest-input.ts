import { defaults } from "../../fleet/defaults";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";
import { parsePath } from "../../fleet/problem";
import type { ClusterSubject } from "../../policies/engine/subjects";
import { readManifests } from "../../policies/manifests/read";
import type { EvaluationInput, InputOptions } from "./inputs";

/**
 * Reads manifests as the objects of a cluster.
 *
 * @param cluster the cluster that the manifests go to, with the objects that it already has; undefined when it is unknown
 */
export function manifestInput(
  { paths, exclude = [], kubernetesVersion }: InputOptions,
  cluster: ClusterSubject | undefined,
  definitions: readonly KubeObject[],
): EvaluationInput {
  const { manifests, problems, skipped } = readManifests(paths, exclude);
  const manifestOf = new Map(manifests.map((manifest) => [manifest.object, manifest]));
  const objects = [...manifestOf.keys()];
  return {
    subjects: {
      clusters: [
        {
          ...(cluster?.name !== undefined && { name: cluster.name }),
          kubernetesVersion: kubernetesVersion ?? cluster?.kubernetesVersion ?? defaults.cluster.kubernetesVersion,
          objects,
          context: withoutReplaced([...(cluster?.objects ?? []), ...definitions], objects),
        },
      ],
      unreadable: problems,
      skipped,
    },
    locator: {
      object: (object, path) => {
        const manifest = manifestOf.get(object);
        return manifest ? { source: { file: manifest.file, ...manifest.place(parsePath(path)) } } : {};
      },
    },
  };
}

/**
 * Reads the CustomResourceDefinitions in files and folders. Ignores other objects.
 *
 * @param problems receives unreadable manifests, and paths without a definition
 */
export function readDefinitions(paths: readonly string[], problems: string[]): KubeObject[] {
  return paths.flatMap((path) => {
    const read = readManifests([path]);
    const definitions = read.manifests
      .map(({ object }) => object)
      .filter(({ kind }) => kind === "CustomResourceDefinition");
    if (definitions.length === 0) problems.push(`--crds: ${path} contains no CustomResourceDefinition`);
    problems.push(...read.problems.map(({ file, line, message }) => `--crds: ${file}:${line ?? 1}: ${message}`));
    return definitions;
  });
}

/** Returns the objects that are not replaced by an object with the same kind, namespace and name. */
export function withoutReplaced(objects: readonly KubeObject[], replacing: readonly KubeObject[]): KubeObject[] {
  const ids = new Set(replacing.map(objectId));
  return objects.filter((object) => !ids.has(objectId(object)));
}
