import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import { authorOf } from "./authored";
import { type Facts, ofKind, type Wanted } from "./intent";
import { namesOf, pairsOf } from "./names";
import { containersOf } from "./workload";

/** Volumes of one name or path that are not the same, and those that the author's are in the way of. */
export function agreeOnVolumes(facts: Facts, asked: readonly Wanted[]): string[] {
  const volumes = ofKind(asked, "volume");
  const author = { by: authorOf(facts) };
  const { volumeClaimTemplates = [] } = (facts.object.spec ?? {}) as {
    volumeClaimTemplates?: V1PersistentVolumeClaim[];
  };
  const names = [...(facts.template.spec.volumes ?? []), ...volumeClaimTemplates.map(({ metadata }) => metadata ?? {})];
  const mounts = containersOf(facts.template).flatMap(({ volumeMounts = [] }) => volumeMounts);
  return [
    ...pairsOf(volumes)
      .filter(([{ piece: a }, { piece: b }]) => a.name === b.name || a.path === b.path)
      .filter(([{ piece: a }, { piece: b }]) => JSON.stringify(a) !== JSON.stringify(b))
      .map(
        ([a, b]) =>
          `${namesOf([a, b])}: two volumes are named ${a.piece.name} or mounted at ${a.piece.path}: name or mount one elsewhere`,
      ),
    ...volumes
      .filter(({ piece }) => names.some(({ name }) => name === piece.name))
      .map(
        (each) =>
          `${namesOf([each, author])}: the object has a volume ${each.piece.name} already: name the new one otherwise`,
      ),
    ...volumes
      .filter(({ piece }) => mounts.some(({ mountPath }) => mountPath.replace(/\/+$/, "") === piece.path))
      .map(
        (each) =>
          `${namesOf([each, author])}: the object mounts something at ${each.piece.path} already: choose another path`,
      ),
  ];
}
