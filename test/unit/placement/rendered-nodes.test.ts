import { type ApiObject, type Chart, Duration } from "cdk8s";

import * as placement from "../../../exports/placement";
import { name, rendered } from "../support/rendered-placement";

const iot = { key: "dedicated", operator: "Equal", value: "iot", effect: "NoSchedule" };
const pi4 = { key: "device-type", operator: "Equal", value: "raspberry-pi-4", effect: "NoSchedule" };

describe("WithinRegion", () => {
  const place = (chart: Chart, workload: ApiObject) =>
    void new placement.WithinRegion(chart, "in", { workload, region: "tokyo" });

  it("leaves the region to the edge scheduler", () => {
    const { spec, metadata } = rendered(place);
    expect(metadata.labels).toEqual({ ...name, "required-region": "tokyo" });
    expect(spec).toMatchObject({ schedulerName: "edge-scheduler" });
    expect(spec.nodeSelector).toBeUndefined();
  });

  it("selects nodes by label on a DaemonSet, which the edge scheduler does not place", () => {
    const { spec, metadata } = rendered(place, { kind: "DaemonSet" });
    expect(metadata.labels).toEqual(name);
    expect(spec.schedulerName).toBeUndefined();
    expect(spec.nodeSelector).toEqual({ "edge-region": "tokyo" });
  });

  it("selects nodes by label with a strict spread, which would count nodes of other regions as empty", () => {
    const spread = (chart: Chart, workload: ApiObject) => {
      place(chart, workload);
      new placement.SpreadAcrossNodes(chart, "nodes", { workload, whenUnsatisfiable: "DoNotSchedule", maxSkew: 2 });
    };
    const { spec } = rendered(spread);
    expect(spec.nodeSelector).toEqual({ "edge-region": "tokyo" });
    expect(spec.topologySpreadConstraints).toEqual([
      {
        maxSkew: 2,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: name },
        nodeTaintsPolicy: "Honor",
      },
    ]);
  });
});

describe("NearRegion", () => {
  it("annotates the region and the budget", () => {
    const { spec, metadata } = rendered(
      (chart, workload) => void new placement.NearRegion(chart, "near", { workload, region: "tokyo" }),
    );
    expect(metadata.annotations).toEqual({ "skerry.dev/near-region": "tokyo", "skerry.dev/max-rtt-ms": "50" });
    expect(metadata.labels).toEqual(name);
    expect(spec.schedulerName).toBe("edge-scheduler");
  });

  it("writes the fallback regions in order", () => {
    const { metadata } = rendered(
      (chart, workload) =>
        void new placement.NearRegion(chart, "near", {
          workload,
          region: "tokyo",
          fallback: ["sydney", "osaka"],
          maxRtt: Duration.seconds(1),
        }),
    );
    expect(metadata.labels).toMatchObject({ "required-region": "tokyo" });
    expect(metadata.annotations).toEqual({
      "skerry.dev/fallback-regions": "sydney,osaka",
      "skerry.dev/max-rtt-ms": "1000",
    });
  });

  it("selects every region within the budget on a DaemonSet", () => {
    const { spec } = rendered(
      (chart, workload) => void new placement.NearRegion(chart, "near", { workload, region: "tokyo" }),
      { kind: "DaemonSet" },
    );
    expect(JSON.stringify(spec.affinity)).toContain(
      '{"key":"topology.kubernetes.io/region","operator":"In","values":["osaka","tokyo"]}',
    );
  });
});

describe("node constraints", () => {
  it("OnDevice tolerates the device taint if the cluster has it", () => {
    const on = (device: string) => (chart: Chart, workload: ApiObject) =>
      void new placement.OnDevice(chart, "on", { workload, device });
    expect(rendered(on("raspberry-pi-4")).spec).toMatchObject({
      nodeSelector: { "device-type": "raspberry-pi-4" },
      tolerations: [pi4],
    });
    expect(rendered(on("raspberry-pi-5")).spec.tolerations).toEqual([]);
    expect(rendered(on("raspberry-pi-5"), { inFleet: false }).spec.tolerations).toEqual([
      { ...pi4, value: "raspberry-pi-5" },
    ]);
  });

  it("Dedicated requires the pools with the taint, or only tolerates it without a fleet", () => {
    const dedicated = (chart: Chart, workload: ApiObject) =>
      void new placement.Dedicated(chart, "for", { workload, to: "iot" });
    const { spec } = rendered(dedicated);
    expect(spec.tolerations).toEqual([iot]);
    expect(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: "skerry.dev/node-pool", operator: "In", values: ["osaka-gw", "sydney-gw", "tokyo-gw"] },
          ],
        },
      ],
    });
    expect(rendered(dedicated, { inFleet: false }).spec).toMatchObject({ tolerations: [iot] });
    expect(rendered(dedicated, { inFleet: false }).spec.affinity).toBeUndefined();
  });

  it("are intersected", () => {
    const { spec } = rendered((chart, workload) => {
      new placement.OnNodePool(chart, "a", { workload, pool: ["tokyo-gw", "osaka-gw", "sydney-gw"] });
      new placement.OnNodePool(chart, "b", { workload, pool: ["osaka-gw", "tokyo-pi5"] });
    });
    expect(spec.nodeSelector).toEqual({ "skerry.dev/node-pool": "osaka-gw" });
    expect(spec.tolerations).toEqual([iot]);
  });

  it("are added to each of the author's node selector terms, except to empty ones", () => {
    const arm = { matchExpressions: [{ key: "kubernetes.io/arch", operator: "In", values: ["arm64"] }] };
    const host = { matchFields: [{ key: "metadata.name", operator: "In", values: ["tokyo-gw-01"] }] };
    const pod = {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [arm, {}, host] } },
      },
    };
    const { spec } = rendered(
      (chart, workload) => void new placement.OnNodePool(chart, "on", { workload, pool: ["osaka-gw", "tokyo-gw"] }),
      { pod },
    );
    const pool = { key: "skerry.dev/node-pool", operator: "In", values: ["osaka-gw", "tokyo-gw"] };
    expect(spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([
      { matchExpressions: [arm.matchExpressions[0], pool] },
      {},
      { ...host, matchExpressions: [pool] },
    ]);
  });

  it("WithDisk requires or prefers a disk", () => {
    const disk = (required: boolean) => (chart: Chart, workload: ApiObject) =>
      void new placement.WithDisk(chart, "disk", { workload, required });
    expect(rendered(disk(true)).spec.nodeSelector).toEqual({ disktype: "ssd" });
    expect(rendered(disk(false)).spec.affinity).toEqual({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 50, preference: { matchExpressions: [{ key: "disktype", operator: "In", values: ["ssd"] }] } },
        ],
      },
    });
  });
});
