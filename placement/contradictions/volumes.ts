import type { V1PersistentVolumeClaim } from "@kubernetes/client-node";

import { nameAuthor } from "../model/authored";
import { type PlacementContext, selectKind, type RequestedConstraint } from "../model/constraint";
import { namesOf, pairsOf } from "../model/names";

/** Finds different volumes with the same name or path, and volumes whose name or path the object already uses. */
export function findVolumeContradictions(
  context: PlacementContext,
  requested: readonly RequestedConstraint[],
): string[] {
  const volumes = selectKind(requested, "volume");
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
          `${namesOf([a, b])}: two volumes have the name ${a.constraint.name} or the path ${a.constraint.path}: change one of them`,
      ),
    ...volumes
      .filter(({ constraint }) => names.some(({ name }) => name === constraint.name))
      .map(
        (each) =>
          `${namesOf([each, author])}: the object already has a volume ${each.constraint.name}: choose another name`,
      ),
    ...volumes
      .filter(({ constraint }) => mounts.some(({ mountPath }) => mountPath.replace(/\/+$/, "") === constraint.path))
      .map(
        (each) =>
          `${namesOf([each, author])}: the object already mounts a volume at ${each.constraint.path}: choose another path`,
      ),
  ];
}
