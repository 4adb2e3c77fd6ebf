import type { KubeObject } from "../../../fleet/kubernetes/object";
import type { ClusterRule, FleetRule, ObjectRule, ResourceRule } from "../../../policies/engine/rule";

const metadata = { why: "It is a toy.", remedy: "Mend the toy.", severity: "error" } as const;

/** A rule on objects: label `toy` must be `kept`. Throws on an object without labels. */
export const labelled: ObjectRule = {
  ...metadata,
  subject: "object",
  id: "labelled",
  title: "Every toy is kept",
  check: ({ metadata: { labels } }) =>
    labels!.toy === "kept" ? [] : [{ path: "metadata.labels.toy", message: "is not kept" }],
};

/** A rule on clusters: no two objects have the same label `pair`. */
export const unpaired: ClusterRule = {
  ...metadata,
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

/** A replacement for the schema rule: objects must have labels. */
const shaped: ClusterRule = {
  ...metadata,
  subject: "cluster",
  id: "matches-schema",
  title: "Every toy has a shape",
  check: ({ objects }) =>
    objects
      .filter(({ metadata }) => metadata.labels === undefined)
      .map((object) => ({ object, path: "metadata.labels", message: "missing" })),
};

export const named: FleetRule = {
  ...metadata,
  subject: "fleet",
  id: "named",
  title: "The fleet is not called small",
  check: ({ name }) => (name === "small" ? [{ path: "name", message: 'got "small"' }] : []),
};

export const cloudy: ResourceRule = {
  ...metadata,
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
