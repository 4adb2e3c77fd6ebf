import { isRemoved } from "../kubernetes/deprecated-apis";
import type { ClusterRule } from "../engine/rule";
import { checkSchema } from "../schema/checker";
import { checkVerdicts } from "../schema/verdict-check";
import { knownMinors, minorOf } from "../schema/versions";

export const matchesSchema: ClusterRule = {
  subject: "cluster",
  id: "matches-schema",
  title: "Every object has the form that the cluster's Kubernetes version states for its kind",
  why: "A misspelt field is refused when it is applied or, by older tools, dropped without a word: what it was to say then does not hold.",
  severity: "error",
  remedy:
    "Correct the field; for a kind of your own, add its CustomResourceDefinition to the objects that are checked together, or name it with --crds.",
  check: ({ kubernetesVersion, objects, validator }) => {
    const minor = minorOf(kubernetesVersion);
    const known = knownMinors();
    if (minor === undefined || !known.includes(minor)) {
      const message = `got Kubernetes ${kubernetesVersion}, of which no schema is here, so that no object was checked: known are ${known.join(", ")}`;
      return objects.slice(0, 1).map((object) => ({ object, path: "", message }));
    }
    // What was removed is another rule's finding, which says what to use instead.
    const served = objects.filter((object) => !isRemoved(object, minor));
    const checked = (validator && checkVerdicts(validator, minor, served)) ?? checkSchema(minor, served);
    return checked.flatMap(({ object, similarObjects, violations }) =>
      violations.map((violation) => ({ object, ...(similarObjects && { similarObjects }), ...violation })),
    );
  },
};
