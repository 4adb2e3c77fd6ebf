import fc from "fast-check";
import { splitIntoStages, sortForDelivery, STAGES, stageOf } from "../../charts/delivery-order";
import type { KubeObject } from "../../fleet/kubernetes/object";

const object = (kind: string, name = "a", namespace?: string, apiVersion = "v1"): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

const kinds = ["Namespace", "CustomResourceDefinition", "Secret", "Widget", "Role", "Deployment", "Pod", "Gadget"];
const anyObjects = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom(...kinds),
      fc.constantFrom("a", "b", "c"),
      fc.constantFrom(undefined, "skerry-system", "telemetry"),
    )
    .map(([kind, name, namespace]) => object(kind, name, namespace)),
  { selector: ({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}` },
);

test("delivers Skerry's own programs before other workloads, and kinds without a place with the configuration", () => {
  expect(stageOf(object("Deployment", "edge-scheduler", "skerry-system"))).toBe("system");
  expect(stageOf(object("Deployment", "dashboard", "telemetry"))).toBe("workloads");
  expect(stageOf(object("Widget"))).toBe("configuration");
  expect(stageOf(object("ConfigMap", "links", "skerry-system"))).toBe("configuration");
});

test("sorts objects stage by stage, whatever their order", () => {
  fc.assert(
    fc.property(
      anyObjects.chain((objects) =>
        fc.tuple(fc.constant(objects), fc.shuffledSubarray(objects, { minLength: objects.length })),
      ),
      ([objects, shuffled]) => {
        const sorted = sortForDelivery(objects);
        expect(sortForDelivery(shuffled)).toEqual(sorted);
        expect(splitIntoStages(sorted).flatMap((stage) => stage.objects)).toEqual(sorted);
        const ranks = sorted.map((each) => STAGES.indexOf(stageOf(each)));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      },
    ),
  );
});

test("names every object without a name and every object that occurs twice", () => {
  const generated: KubeObject = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { generateName: "backup-", namespace: "telemetry" },
  };
  const objects = [generated, object("Service", "mqtt"), object("Service", "mqtt"), object("Secret", "")];
  const message = `cannot deliver these objects:
  Job telemetry/backup-*: metadata.name: must not be empty; generateName is not supported, because every update would create another object
  Secret *: metadata.name: must not be empty; generateName is not supported, because every update would create another object
  Service mqtt: occurs twice; rename one, or it overwrites the other`;
  expect(() => sortForDelivery(objects)).toThrow(new Error(message));
  expect(() => splitIntoStages(objects)).toThrow(new Error(message));
});

test("accepts objects of the same kind and name in different API groups", () => {
  const objects = [object("Service", "mqtt"), object("Service", "mqtt", undefined, "serving.knative.dev/v1")];
  expect(splitIntoStages(objects)).toHaveLength(1);
  expect(() => splitIntoStages([...objects, object("Service", "mqtt", undefined, "serving.knative.dev/v2")])).toThrow(
    "Service mqtt: occurs twice",
  );
});
