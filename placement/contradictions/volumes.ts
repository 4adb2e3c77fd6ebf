import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import { nameAuthor } from "../model/authored";
import { type PlacementContext, selectKind, type RequestedConstraint } from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

/** Volumes of one name or path that are not the same, and those that the author's are in the way of. */
export function agreeOnVolumes(context: PlacementContext, asked: readonly RequestedConstraint[]): string[] {
  const volumes = selectKind(asked, "volume");
  const author = { by: nameAuthor(context) };
  const { volumeClaimTemplates = [] } = (context.object.spec ?? {}) as {
    volumeClaimTemplates?: V1PersistentVolumeClaim[];
  };
  const names = [
    ...(context.template.spec.volumes ?? []),
    ...volumeClaimTemplates.map(({ metadata }) => metadata ?? {}),
  ];
  const mounts = (context.template.spec.containers ?? []).flatMap(({ volumeMounts = [] }) => volumeMounts);
  return [
    ...pairsOf(volumes)
      .filter(([{ constraint: a }, { constraint: b }]) => a.name === b.name || a.path === b.path)
      .filter(([{ constraint: a }, { constraint: b }]) => JSON.stringify(a) !== JSON.stringify(b))
      .map(
        ([a, b]) =>
          `${namesOf([a, b])}: two volumes are named ${a.constraint.name} or mounted at ${a.constraint.path}: name or mount one elsewhere`,
      ),
    ...volumes
      .filter(({ constraint }) => names.some(({ name }) => name === constraint.name))
      .map(
        (each) =>
          `${namesOf([each, author])}: the object has a volume ${each.constraint.name} already: name the new one otherwise`,
      ),
    ...volumes
      .filter(({ constraint }) => mounts.some(({ mountPath }) => mountPath.replace(/\/+$/, "") === constraint.path))
      .map(
        (each) =>
          `${namesOf([each, author])}: the object mounts something at ${each.constraint.path} already: choose another path`,
      ),
  ];
}
