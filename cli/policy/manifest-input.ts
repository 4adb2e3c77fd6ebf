import { defaults } from "../../fleet/defaults";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";
import { pathSteps } from "../../fleet/problem";
import type { ClusterSubject } from "../../policies/engine/subjects";
import { readManifests } from "../../policies/manifests/read";
import type { Asked, Judged } from "./inputs";

/** Manifests as what goes to a cluster, `home`, or to none that is known. */
export function manifestInput(
  { paths, exclude = [], kubernetesVersion }: Asked,
  home: ClusterSubject | undefined,
  definitions: readonly KubeObject[],
): Judged {
  const { manifests, problems, skipped } = readManifests(paths, exclude);
  const where = new Map(manifests.map((each) => [each.object, each]));
  const objects = [...where.keys()];
  return {
    subjects: {
      clusters: [
        {
          ...(home?.name !== undefined && { name: home.name }),
          kubernetesVersion: kubernetesVersion ?? home?.kubernetesVersion ?? defaults.cluster.kubernetesVersion,
          objects,
          context: without([...(home?.objects ?? []), ...definitions], objects),
        },
      ],
      unreadable: problems,
      skipped,
    },
    places: {
      object: (object, path) => {
        const found = where.get(object);
        return found ? { source: { file: found.file, ...found.place(pathSteps(path)) } } : {};
      },
    },
  };
}

/**
 * The CustomResourceDefinitions in some files and folders. What else is there goes to no cluster.
 *
 * @param problems takes what cannot be read, and paths without a definition
 */
export function definitionsIn(paths: readonly string[], problems: string[]): KubeObject[] {
  return paths.flatMap((path) => {
    const read = readManifests([path]);
    const definitions = read.manifests
      .map(({ object }) => object)
      .filter(({ kind }) => kind === "CustomResourceDefinition");
    if (definitions.length === 0) problems.push(`--crds: ${path} holds no CustomResourceDefinition`);
    problems.push(...read.problems.map(({ file, line, message }) => `--crds: ${file}:${line ?? 1}: ${message}`));
    return definitions;
  });
}

/** What a manifest replaces is not in the cluster any more. */
export function without(objects: readonly KubeObject[], replaced: readonly KubeObject[]): KubeObject[] {
  const ids = new Set(replaced.map(objectId));
  return objects.filter((object) => !ids.has(objectId(object)));
}
