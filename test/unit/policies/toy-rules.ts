import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { ClusterRule, FleetRule, ObjectRule, ResourceRule } from "../../../policies/engine/rule";

const said = { why: "It is a toy.", remedy: "Mend the toy.", severity: "error" } as const;

/** A rule about one object: its label `toy` is `kept`. Fails on an object without labels, as a careless rule does. */
export const labelled: ObjectRule = {
  ...said,
  subject: "object",
  id: "labelled",
  title: "Every toy is kept",
  check: ({ metadata: { labels } }) =>
    labels!.toy === "kept" ? [] : [{ path: "metadata.labels.toy", message: "is not kept" }],
};

/** A rule about all objects: no two have the same label `pair`. */
export const unpaired: ClusterRule = {
  ...said,
  subject: "cluster",
  id: "unpaired",
  severity: "warning",
  title: "No two toys are of one pair",
  check: ({ objects }) =>
    objects
      .filter((object) =>
        objects.some((other) => other !== object && other.metadata.labels!.pair === object.metadata.labels!.pair),
      )
      .map((object) => ({ object, path: "metadata.labels.pair", message: `${object.metadata.labels!.pair} twice` })),
};

/** Stands for the check against Kubernetes' schema: labels are a mapping. */
export const shaped: ClusterRule = {
  ...said,
  subject: "cluster",
  id: "matches-schema",
  title: "Every toy has a shape",
  check: ({ objects }) =>
    objects
      .filter(({ metadata }) => metadata.labels === undefined)
      .map((object) => ({ object, path: "metadata.labels", message: "missing" })),
};

export const named: FleetRule = {
  ...said,
  subject: "fleet",
  id: "named",
  title: "The fleet is not called small",
  check: ({ name }) => (name === "small" ? [{ path: "name", message: 'got "small"' }] : []),
};

export const cloudy: ResourceRule = {
  ...said,
  subject: "resource",
  id: "cloudy",
  title: "No cloud",
  types: ["aws:s3/bucket:Bucket"],
  check: () => [{ path: "", message: "is a cloud" }],
};

export const toyRules = [shaped, labelled, unpaired, named, cloudy] as const;

export function toy(name: string, labels?: Readonly<Record<string, string>>, namespace = "toys"): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, ...(labels && { labels }) } };
}
