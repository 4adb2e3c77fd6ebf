import "../../../policies/jest";

import { ApiObject, App, Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";
import { expect as imported } from "expect";

import { renderFleet } from "../../../charts/render";
import { placeIn } from "../../../placement/fleet-scope";
import { OnDevice } from "../../../placement/on-device";
import { OnNodePool } from "../../../placement/on-node-pool";
import { SpreadAcrossNodes } from "../../../placement/spread-across-nodes";
import { WithinRegion } from "../../../placement/within-region";
import { skerryMatchers } from "../../../policies/jest";
import { smallFleet } from "../../fixtures/small-fleet";
import { container, podSpec, workload } from "./cases/case";
import { labelled } from "./toy-rules";

/** What a failing matcher says. */
function failure(check: () => void): string {
  try {
    check();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("expected a failure");
}

const labels = { app: "detector" };
function chartWith(place: (chart: Chart, deployment: ApiObject) => void = () => undefined): Chart {
  const chart = new Chart(new App(), "telemetry", { disableResourceNameHashes: true });
  const deployment = new k8s.KubeDeployment(chart, "detector", {
    metadata: { name: "detector", namespace: "telemetry", labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec() as unknown as k8s.PodSpec },
    },
  });
  place(chart, deployment);
  return chart;
}
const unpinned = workload("Pod", podSpec({ containers: [container({ image: "nginx" })] }));
const pinned = { rules: ["images-pinned"] };

describe("toComply", () => {
  test("takes a chart, an app, a construct, an object, several of them, and a rendered cluster", () => {
    const chart = chartWith();
    expect(chart).toComply(pinned);
    expect(chart.node.root).toComply(pinned);
    expect(chart.node.findChild("detector")).toComply(pinned);
    expect(unpinned).not.toComply(pinned);
    expect([workload("Pod"), chart.node.findChild("detector")]).toComply(pinned);
    expect(renderFleet(smallFleet)[0]).toComply({ ...pinned, fleet: smallFleet });
    expect(failure(() => expect("a chart").toComply())).toBe(
      'got "a chart", wanted are a cdk8s construct, Kubernetes objects, or a cluster of renderFleet',
    );
  });

  test("says what is broken, where, and what to do", () => {
    const chart = new Chart(new App(), "shop");
    new ApiObject(chart, "web", { ...unpinned, metadata: { ...unpinned.metadata } });
    expect(failure(() => expect(chart).toComply(pinned))).toMatchInlineSnapshot(`
     "expected every rule to be kept (1 rule, 1 object), got 1 finding:

     Pod telemetry/example made by shop/web
       error    images-pinned  spec.containers[0].image
                got "nginx", allowed is an image with a tag that is not latest, or with a sha256 digest
                → Use a version tag, for example registry.k8s.io/pause:3.10, or a digest after @sha256:."
    `);
    expect(failure(() => expect(workload("Pod")).not.toComply(pinned))).toBe(
      "expected a rule to be broken (1 rule, 1 object), all are kept",
    );
  });

  test("holds the team's policy: own rules, severities, waivers until their day", () => {
    const policy = { rules: [labelled] };
    expect(workload("Pod")).not.toComply({ policy, rules: ["labelled"] });
    const lenient = { ...pinned, policy: { severities: { production: { "images-pinned": "warning" as const } } } };
    expect(unpinned).not.toComply(lenient);
    expect(unpinned).toComply({ ...lenient, environment: "production" });
    expect(unpinned).not.toComply({ ...lenient, environment: "production", failOn: "warning" });
    const waiver = { rule: "images-pinned", reason: "a test", expires: "2026-12-31" };
    const tolerant = { ...pinned, policy: { waivers: [waiver] } };
    expect(unpinned).toComply({ ...tolerant, today: "2026-12-31" });
    expect(unpinned).not.toComply({ ...tolerant, today: "2027-01-01" });
  });

  test("knows the cluster's version and node pools by the fleet, and what else there is by context", () => {
    const old = { apiVersion: "policy/v1beta1", kind: "PodDisruptionBudget", metadata: { name: "a", namespace: "b" } };
    expect(old).toComply({ rules: ["no-removed-apis"], kubernetesVersion: "1.24.0" });
    expect(old).not.toComply({ rules: ["no-removed-apis"], fleet: smallFleet, cluster: "tokyo" });
    const abacus = workload("Pod", podSpec({ nodeSelector: { "device-type": "abacus" } }));
    expect(abacus).toComply({ rules: ["pods-schedulable"] });
    expect(abacus).not.toComply({ rules: ["pods-schedulable"], fleet: smallFleet, cluster: "tokyo" });
    const urgent = workload("Pod", podSpec({ priorityClassName: "urgent" }));
    const context = [
      { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name: "urgent" }, value: 1 },
    ];
    expect(urgent).not.toComply({ rules: ["priority-classes-exist"] });
    expect(urgent).toComply({ rules: ["priority-classes-exist"], context });
    expect(failure(() => expect(urgent).toComply({ fleet: smallFleet }))).toBe("cluster: say which: tokyo, frankfurt");
  });
});

describe("toViolate", () => {
  test("names one rule, whatever its severity", () => {
    expect(unpinned).toViolate("images-pinned");
    expect(workload("Pod")).not.toViolate("images-pinned");
    expect(workload("Pod")).toViolate("labelled", { policy: { rules: [{ ...labelled, severity: "info" }] } });
    expect(failure(() => expect(workload("Pod")).toViolate("images-pinned"))).toBe(
      "expected rule images-pinned to be broken, it is kept by 1 object",
    );
    expect(failure(() => expect(unpinned).not.toViolate("images-pinned"))).toContain("spec.containers[0].image");
    expect(failure(() => expect(unpinned).toViolate("images-pined"))).toContain('did you mean "images-pinned"?');
  });
});

describe("placement", () => {
  const inTokyo = chartWith(
    (chart, deployment) => new WithinRegion(chart, "near", { workload: deployment, region: "tokyo" }),
  );

  test("toBePlacedIn holds the pods' own statements, and the nodes that the fleet has", () => {
    expect(inTokyo).toBePlacedIn("tokyo");
    expect(inTokyo).not.toBePlacedIn("sydney");
    expect(chartWith()).not.toBePlacedIn("tokyo");
    const among = { fleet: smallFleet, cluster: "tokyo" };
    // Every edge node in Tokyo has a taint.
    expect(inTokyo).not.toBePlacedIn("tokyo", among);
    const placed = chartWith((chart, deployment) => {
      placeIn(chart, smallFleet, "tokyo");
      new WithinRegion(chart, "near", { workload: deployment, region: "tokyo" });
      new OnNodePool(chart, "pool", { workload: deployment, pool: "tokyo-gw" });
    });
    expect(placed).toBePlacedIn("tokyo", among);
    expect(failure(() => expect(inTokyo).toBePlacedIn("tokyo", among))).toBe(
      'expected pods to be placed in "tokyo", and nowhere else:\n' +
        "  Deployment telemetry/detector: of 4 pools its pods may use none: region none",
    );
    expect(failure(() => expect(chartWith()).toBePlacedIn("tokyo"))).toBe(
      'expected pods to be placed in "tokyo", and nowhere else:\n' +
        "  Deployment telemetry/detector: its pods may run in any region",
    );
    expect(failure(() => expect(inTokyo).not.toBePlacedIn("tokyo"))).toContain("its pods may run in region tokyo");
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ["a selector", { nodeSelector: { "edge-region": "tokyo" } }, true],
    ["upstream's key", { nodeSelector: { "topology.kubernetes.io/region": "tokyo" } }, true],
    ["another selector", { nodeSelector: { disktype: "ssd" } }, false],
    ["terms that all say so", { affinity: terms(["tokyo"], ["tokyo"]) }, true],
    ["a term that says another", { affinity: terms(["tokyo"], ["sydney"]) }, false],
    ["a term that leaves it open", { affinity: terms(["tokyo"], undefined) }, false],
    [
      "a selector that narrows terms",
      { nodeSelector: { "edge-region": "tokyo" }, affinity: terms(["tokyo", "sydney"]) },
      true,
    ],
    ["statements that leave nothing", { nodeSelector: { "edge-region": "osaka" }, affinity: terms(["tokyo"]) }, false],
  ])("toBePlacedIn by %s", (_name, changed, expected) => {
    const pod = workload("Deployment", podSpec(changed));
    if (expected) expect(pod).toBePlacedIn("tokyo");
    else expect(pod).not.toBePlacedIn("tokyo");
  });

  function terms(...regions: (string[] | undefined)[]) {
    const nodeSelectorTerms = regions.map((values) => ({
      matchExpressions: values
        ? [{ key: "edge-region", operator: "In", values }]
        : [{ key: "disktype", operator: "Exists" }],
    }));
    return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
  }

  test("a workload is named where there are several", () => {
    const [tokyo] = renderFleet(smallFleet);
    expect(tokyo).toBePlacedIn("sydney", { workload: "detector-sydney" });
    expect(tokyo).not.toBePlacedIn("sydney");
    expect(failure(() => expect(tokyo).toBePlacedIn("sydney", { workload: "detectr" }))).toMatch(
      /^no object called "detectr" makes pods; those that do: .*Deployment telemetry\/detector-sydney/,
    );
    expect(failure(() => expect([]).toBePlacedIn("sydney"))).toBe("no object under test makes pods");
  });

  test("toRunOn and toTolerate", () => {
    const onPi = chartWith((chart, deployment) => {
      placeIn(chart, smallFleet, "tokyo");
      new OnDevice(chart, "pi", { workload: deployment, device: "raspberry-pi-4" });
      new OnNodePool(chart, "pool", { workload: deployment, pool: "sydney-pi4" });
    });
    expect(onPi).toRunOn("raspberry-pi-4");
    expect(onPi).toRunOn("raspberry-pi-4", { fleet: smallFleet, cluster: "tokyo" });
    expect(onPi).not.toRunOn("jetson-orin-nano");
    expect(onPi).toTolerate({ key: "device-type", value: "raspberry-pi-4" });
    expect(onPi).not.toTolerate({ key: "device-type", value: "raspberry-pi-5" });
    expect(onPi).not.toTolerate({ key: "device-type", value: "raspberry-pi-4", effect: "NoExecute" });
    expect(failure(() => expect(chartWith()).toTolerate({ key: "dedicated", value: "iot" }))).toBe(
      "expected pods to tolerate dedicated=iot:NoSchedule:\n  Deployment telemetry/detector: its pods tolerate none",
    );
  });

  test("toSpreadOver wants a selector of the pods' own labels", () => {
    const spread = chartWith((chart, deployment) => new SpreadAcrossNodes(chart, "apart", { workload: deployment }));
    expect(spread).toSpreadOver("nodes");
    expect(spread).not.toSpreadOver("zones");
    const others = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "other" } } };
    const away = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [others] } };
    expect(workload("Deployment", podSpec({ affinity: away }))).not.toSpreadOver("nodes");
    expect(failure(() => expect(spread).toSpreadOver("regions"))).toContain("spread over kubernetes.io/hostname");
  });
});

test("an expect that is imported takes them by extend", () => {
  imported.extend(skerryMatchers);
  imported(workload("Pod")).toComply(pinned);
  expect(failure(() => imported(unpinned).toComply(pinned))).toContain("images-pinned");
});
