import { isRemoved } from "../kubernetes/deprecated-apis";
import type { ClusterRule } from "../engine/rule";
import { schemaCheck } from "../schema/checker";
import { verdictCheck } from "../schema/verdict-check";
import { knownMinors, minorOf } from "../schema/versions";

export const matchesSchema: ClusterRule = {
  subject: "cluster",
  id: "matches-schema",
  title: "Objects match the schema of the cluster's Kubernetes version",
  why: "The API server rejects a misspelled field, and older tools drop it silently. The setting then has no effect.",
  severity: "error",
  remedy:
    "Correct the field. For a custom kind, add its CustomResourceDefinition to the checked objects, or pass it with --crds.",
  check: ({ kubernetesVersion, objects, validator }) => {
    const minor = minorOf(kubernetesVersion);
    const supported = knownMinors();
    if (minor === undefined || !supported.includes(minor)) {
      const message = `got Kubernetes ${kubernetesVersion}, must be one of ${supported.join(", ")}; no object was checked against a schema`;
      return objects.slice(0, 1).map((object) => ({ object, path: "", message }));
    }
    // no-removed-apis reports these objects, with their replacement.
    const served = objects.filter((object) => !isRemoved(object, minor));
    const checked = (validator && verdictCheck(validator, minor, served)) ?? schemaCheck(minor, served);
    return checked.flatMap(({ object, alike, violations }) =>
      violations.map((violation) => ({ object, ...(alike && { alike }), ...violation })),
    );
  },
};
