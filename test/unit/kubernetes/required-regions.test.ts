import { requiredRegions } from "../../../fleet/kubernetes/required-regions";

const pod = (fallback?: string, schedulerName = "edge-scheduler", region = "tokyo") => ({
  metadata: {
    labels: { "required-region": region },
    ...(fallback !== undefined && { annotations: { "skerry.dev/fallback-regions": fallback } }),
  },
  spec: { schedulerName, containers: [] },
});

test("a pod requires the region of its label, then those of its annotation, in order", () => {
  expect(requiredRegions(pod())).toEqual(["tokyo"]);
  expect(requiredRegions(pod(" sydney, osaka"))).toEqual(["tokyo", "sydney", "osaka"]);
});

test.each(["", "sydney,", "sydney,sydney", "osaka,tokyo"])("the annotation %p is ignored", (fallback) =>
  expect(requiredRegions(pod(fallback))).toEqual(["tokyo"]),
);

test("a pod without a region, or of another scheduler, requires none", () => {
  expect(requiredRegions(pod("osaka", "edge-scheduler", ""))).toBeUndefined();
  expect(requiredRegions(pod("osaka", "default-scheduler"))).toBeUndefined();
});
