import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { App, Chart } from "cdk8s";
import { parseAllDocuments } from "yaml";

import { chartObjects } from "../../charts/chart-objects";
import { EdgeAgent } from "../../charts/edge-data/edge-agent";
import { Outbox } from "../../charts/edge-data/outbox";
import { SiteSync } from "../../charts/edge-data/site-sync";
import { helmFiles } from "../../charts/helm/chart";
import { helmCharts } from "../../charts/helm/charts";
import { compilerFlags, goEnvironment } from "../../cli/tools/go-flags";
import { type KubeObject, objectId } from "../../fleet/kubernetes/object";

const root = join(__dirname, "..", "..");
let folder: string;

function helm(...args: string[]): string {
  try {
    return execFileSync(join(folder, "helm"), args, {
      encoding: "utf8",
      stdio: "pipe",
      env: { ...process.env, HOME: folder },
    });
  } catch (error) {
    throw new Error((error as { readonly stderr: string }).stderr);
  }
}

const sorted = (objects: readonly KubeObject[]): KubeObject[] =>
  [...objects].sort((a, b) => (objectId(a) < objectId(b) ? -1 : 1));

function template(program: string, values: object = {}): KubeObject[] {
  const file = join(folder, "values.json");
  writeFileSync(file, JSON.stringify(values));
  const chart = join(folder, helmCharts[program]!().name);
  const text = helm("template", "release", chart, "--namespace", "plant", "--kube-version", "1.36.3", "--values", file);
  return sorted(parseAllDocuments(text).flatMap((document) => (document.toJS() ?? []) as KubeObject[]));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "skerry-helm-"));
  execFileSync(
    "go",
    ["build", "-ldflags=-s -w", ...compilerFlags({}), "-o", join(folder, "helm"), "helm.sh/helm/v4/cmd/helm"],
    { cwd: join(root, "toolchain", "helm"), env: goEnvironment, stdio: "pipe" },
  );
  for (const create of Object.values(helmCharts)) {
    const chart = create();
    for (const [file, text] of Object.entries(helmFiles(chart))) {
      const path = join(folder, chart.name, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }
}, 1_200_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.keys(helmCharts))("the Helm chart of the %s", (program) => {
  it("renders the objects of the construct with its default values", () => {
    expect(template(program)).toEqual(sorted(helmCharts[program]!().objects("plant")));
  });

  it("has no errors for helm lint", () => {
    expect(helm("lint", join(folder, helmCharts[program]!().name))).toContain("0 chart(s) failed");
  });

  it("refuses unknown values", () => {
    expect(() => template(program, { imagee: "x" })).toThrow(/imagee/);
  });

  it("refuses an image that is not pinned", () => {
    expect(() => template(program, { image: "example.com/agent:latest" })).toThrow(/image/);
  });
});

describe("the Helm chart of the edge-agent", () => {
  const classes = [
    { name: "telemetry", messagesPerSecond: 2, messageBytes: 300, outageDays: 3, whenFull: "Refuse", maxAgeDays: 4 },
  ] as const;
  const routes = [{ filter: "press/+/state", class: "telemetry" }];
  const taints = [{ key: "dedicated", value: "iot", effect: "NoSchedule" }] as const;
  const sensor = { name: "boiler", class: "telemetry", unit: "Cel", intervalSeconds: 5 };
  const modbus = { address: "10.1.2.3:502", register: 7 };

  it.each(["broker", "listener"] as const)("renders an agent for each node, with the relay %s", (relay) => {
    const chart = new Chart(new App(), "press", { disableResourceNameHashes: true });
    const nodes = ["press-1.example", "press-2.example"];
    const outboxes = nodes.map((node) => new Outbox(chart, `${node}-outbox`, { diskGiB: 64, classes }));
    nodes.forEach((node, index) => {
      const name = `press-${node.replaceAll(".", "-")}`;
      new EdgeAgent(chart, name, {
        ...{ name, node, taints, broker: "hall", namespace: "plant", outbox: outboxes[index]! },
        // Of the agents that share a broker, one takes devices' messages.
        routes: relay === "listener" || index === 0 ? routes : [],
        relay,
        sensors: [{ ...sensor, modbus }],
        image: "r.example/edge-agent:2",
      });
    });
    const [outbox] = outboxes;
    const rendered = template("edge-agent", {
      image: "r.example/edge-agent:2",
      name: "press",
      nodes,
      broker: "hall",
      tolerations: taints.map((each) => ({ ...each, operator: "Equal" })),
      classes: outbox!.limits,
      storage: `${outbox!.storageGiB}Gi`,
      sensors: [
        { name: sensor.name, class: sensor.class, unit: sensor.unit, interval: "5000ms", driver: "modbus", modbus },
      ],
      sensorEgress: [{ ports: [{ port: 502, protocol: "TCP" }], to: [{ ipBlock: { cidr: "10.1.2.3/32" } }] }],
      routes,
      relay,
    });
    expect(rendered).toEqual(sorted(chartObjects(chart)));
  });

  it.each([
    ["nodes", { nodes: [] }],
    ["whenFull", { classes: [{ name: "a", maxBytes: 1, whenFull: "Drop" }] }],
    ["broker", { broker: "hall.plant.svc:1883" }],
    ["relay", { relay: "device" }],
    ["routes", { relay: "listener" }],
  ])("refuses invalid %s", (field, values) => {
    expect(() => template("edge-agent", values)).toThrow(new RegExp(field));
  });
});

describe("the notes of the edge-agent", () => {
  it.each([
    ["broker", []],
    ["listener", ["agents-press-1.plant.svc", "agents-press-1-tls"]],
  ])("name what a relay %s needs", (relay, names) => {
    const chart = join(folder, helmCharts["edge-agent"]!().name);
    const values = { name: "agents", nodes: ["press-1"], relay, routes: [{ filter: "a", class: "telemetry" }] };
    const file = join(folder, "notes.json");
    writeFileSync(file, JSON.stringify(values));
    const text = helm("install", "release", chart, "--dry-run=client", "--namespace", "plant", "--values", file);
    expect(text.slice(text.indexOf("NOTES:")).match(/agents-press-1(\.plant\.svc|-tls)(?=\n)/g) ?? []).toEqual(names);
  });
});

describe("the Helm chart of site-sync", () => {
  it("renders the state of the cloud and of each site, on the nodes of its values", () => {
    const chart = new Chart(new App(), "press", { disableResourceNameHashes: true });
    const [nodeSelector, tolerations] = [{ hall: "1" }, [{ key: "dedicated", operator: "Exists" }]];
    const props = { broker: "hub", namespace: "plant", storageGiB: 3, image: "r.example/site-sync:2" };
    new SiteSync(chart, "cloud", { ...props, site: "cloud" });
    new SiteSync(chart, "hall", { ...props, site: "hall", siteBroker: "hall-mqtt" });
    new SiteSync(chart, "yard", { ...props, site: "yard", siteBroker: "yard-mqtt" });
    const expected = chartObjects(chart) as (KubeObject & { spec: { template: { spec: object } } })[];
    const hall = expected.find(({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "site-sync-hall")!;
    Object.assign(hall.spec.template.spec, { nodeSelector, tolerations });
    const rendered = template("site-sync", {
      image: "r.example/site-sync:2",
      broker: "hub",
      storage: "3Gi",
      sites: [
        { name: "hall", broker: "hall-mqtt", nodeSelector, tolerations },
        { name: "yard", broker: "yard-mqtt" },
      ],
    });
    expect(rendered).toEqual(sorted(expected));
  });

  it("renders sites without the cloud", () => {
    const rendered = template("site-sync", {
      cloud: { enabled: false },
      sites: [{ name: "hall", broker: "hall-mqtt" }],
    });
    expect([...new Set(rendered.map(({ metadata }) => metadata.name))]).toEqual(["site-sync-hall"]);
  });

  it("refuses a site of the cloud's name", () => {
    expect(() => template("site-sync", { sites: [{ name: "cloud", broker: "hall" }] })).toThrow(/sites/);
  });
});
