import fc from "fast-check";

import { formatPath } from "../../../fleet/problem";
import { parseFieldPath } from "../../../policies/schema/field-path";

const object = {
  metadata: { labels: { app: "a", "app.kubernetes.io/name": "a", "app.kubernetes.io": "b" } },
  data: { "a b": "", "a.b": "", "x]y": "", "0": "" },
  spec: { containers: [{ name: "main", ports: [{}, {}] }] },
};

test.each<[field: string, steps: PropertyKey[]]>([
  ["", []],
  ["spec.containers[0].ports[1].protocol", ["spec", "containers", 0, "ports", 1, "protocol"]],
  ["spec.nowhere[2].a", ["spec", "nowhere", 2, "a"]],
  ["spec.volumes[0][key]", ["spec", "volumes", 0, "key"]],
  ["data[a b]", ["data", "a b"]],
  ["data[a.b]", ["data", "a.b"]],
  ["data[x]y]", ["data", "x]y"]],
  ["data[0]", ["data", "0"]],
  ["data[.dockerconfigjson]", ["data", ".dockerconfigjson"]],
  ["data.a.b", ["data", "a.b"]],
  ["metadata.labels.app.kubernetes.io/name", ["metadata", "labels", "app.kubernetes.io/name"]],
  ["metadata.labels.app", ["metadata", "labels", "app"]],
])("%s", (field, steps) => {
  expect(parseFieldPath(object, field)).toEqual(steps);
});

test("parses every text", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-c.[\]0 ]{0,20}$/), fc.jsonValue(), (field, value) => {
      expect(typeof formatPath(parseFieldPath(value, field))).toBe("string");
    }),
  );
});
