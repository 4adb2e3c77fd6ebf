import type { V1PodSpec } from "@kubernetes/client-node";

import { fitsCapacity, podRequests } from "../../../fleet/kubernetes/requests";

const container = (cpu: string, memory: string, rest: object = {}): object => ({
  resources: { requests: { cpu, memory } },
  ...rest,
});
const requestsOf = (fields: object) => podRequests(fields as V1PodSpec);

test("the requests of containers are added up, and default to their limits", () => {
  expect(requestsOf({ containers: [container("250m", "64Mi"), container("1", "1Gi")] })).toEqual({
    cpuCores: 1.25,
    memoryMiB: 1088,
  });
  expect(requestsOf({ containers: [{ resources: { limits: { cpu: 2, memory: "1Mi" } } }, {}] })).toEqual({
    cpuCores: 2,
    memoryMiB: 1,
  });
});

test("init containers run one after the other, sidecars next to all that follow", () => {
  const initContainers = [
    container("1", "1Mi", { restartPolicy: "Always" }),
    container("3", "1Mi"),
    container("500m", "9Mi"),
  ];
  expect(requestsOf({ initContainers, containers: [container("2", "4Mi")] })).toEqual({ cpuCores: 4, memoryMiB: 10 });
  expect(requestsOf({ initContainers, containers: [container("4", "20Mi")] })).toEqual({ cpuCores: 5, memoryMiB: 21 });
});

test("a pod's own request replaces those of its containers; its overhead is added", () => {
  const containers = [container("1", "1Mi")];
  const overhead = { cpu: "250m", memory: "2Mi" };
  expect(requestsOf({ containers, overhead, resources: { requests: { cpu: "6" } } })).toEqual({
    cpuCores: 6.25,
    memoryMiB: 3,
  });
});

test("a pod's own limit is its request only if no container requests the resource", () => {
  const resources = { limits: { cpu: "4", memory: "1Gi" } };
  const containers = [{ resources: { requests: { cpu: "1" } } }];
  expect(requestsOf({ containers, resources })).toEqual({ cpuCores: 1, memoryMiB: 1024 });
});

test("sums are exact", () => {
  const cpus = ["1.6", "2.7", "1.7"];
  const requests = requestsOf({ containers: cpus.map((cpu) => container(cpu, "0")) });
  expect(1.6 + 2.7 + 1.7).toBeGreaterThan(6);
  expect(fitsCapacity(requests, { cpuCores: 6 })).toBe(true);
  expect(fitsCapacity(requests, { cpuCores: 5.999 })).toBe(false);
});
