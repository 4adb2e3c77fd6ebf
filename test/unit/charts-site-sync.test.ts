import { readFileSync } from "node:fs";
import { join } from "node:path";

import { App, Chart } from "cdk8s";

import { SiteSync } from "../../charts/edge-data/site-sync";
import { mqttSecrets } from "../../charts/mqtt/secrets";
import { type RenderedCluster, renderFleet } from "../../charts/render";
import type { KubeObject } from "../../fleet/kubernetes/object";
import type { ClusterSpec } from "../../fleet/model";
import { edgeCluster, edgeFleet } from "../fixtures/edge-fleet";
import { find, type PodOwner } from "./support/rendered";

const render = (changed: Partial<ClusterSpec> = {}): RenderedCluster =>
  renderFleet({ ...edgeFleet, clusters: [{ ...edgeCluster, ...changed }] })[0]!;
const tokyo = render();

interface Egress {
  readonly to?: [{ readonly podSelector?: { readonly matchLabels: Readonly<Record<string, string>> } }];
}
interface WithData extends KubeObject {
  readonly data: Readonly<Record<string, string>>;
}
const acl = (rendered: RenderedCluster, broker: string): string[] =>
  find<WithData>(rendered, "ConfigMap", broker).data.acl!.trim().split("\n\n");

describe("the state of a site", () => {
  const [hub, site] = ["site-sync-cloud", "site-sync-sydney"].map((name) =>
    find<PodOwner>(tokyo, "StatefulSet", name),
  ) as [PodOwner, PodOwner];
  const names = ({ objects }: RenderedCluster): string[] =>
    objects.filter(({ kind }) => kind === "StatefulSet").map(({ metadata }) => metadata.name!);

  it("is held once for each edge broker and once for the cloud, if the fleet says so", () => {
    expect(names(tokyo).filter((name) => name.startsWith("site-sync-"))).toEqual([
      "site-sync-cloud",
      "site-sync-sydney",
      "site-sync-tokyo-edge",
    ]);
    expect(names(render({ siteSync: undefined })).filter((name) => name.startsWith("site-sync-"))).toEqual([]);
  });

  it("is rendered without agents and ingest, too", () => {
    const rendered = render({ edgeAgents: [], edgeIngest: undefined });
    expect(names(rendered)).toContain("site-sync-sydney");
    expect(acl(rendered, "sydney")).toContainEqual("user client:sydney:site-sync");
  });

  // site-sync's own tests parse the same arguments.
  it("has the arguments of the fixture", () => {
    const fixture = JSON.parse(
      readFileSync(join(__dirname, "..", "fixtures", "site-sync-args.json"), "utf8"),
    ) as object;
    const args = Object.keys(fixture).map((name) => [
      name,
      find<PodOwner>(tokyo, "StatefulSet", name).spec.template.spec.containers[0]!.args,
    ]);
    expect(Object.fromEntries(args)).toEqual(fixture);
  });

  it("runs beside its broker, with a volume that stays", () => {
    const nodeSelector = (name: string) => find<PodOwner>(tokyo, "StatefulSet", name).spec.template.spec.nodeSelector;
    expect(hub.spec.template.spec.nodeSelector).toEqual(nodeSelector("cloud"));
    expect(site.spec.template.spec.nodeSelector).toEqual(nodeSelector("sydney"));
    expect(site.spec.volumeClaimTemplates![0]!.spec.resources.requests.storage).toBe("2Gi");
    expect(site.spec).toMatchObject({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain" } });
  });

  it("has no token, no root, and writes only to its volume", () => {
    const { containers, ...sitePod } = site.spec.template.spec;
    expect(sitePod.automountServiceAccountToken).toBe(false);
    expect(sitePod.securityContext).toMatchObject({ runAsNonRoot: true });
    expect(containers[0]!.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    const writable = containers[0]!.volumeMounts!.filter((mount) => !(mount as { readOnly?: boolean }).readOnly);
    expect(writable).toEqual([{ name: "state", mountPath: "/state" }]);
  });

  it("has certificates of its own, and connects to its brokers only", () => {
    const secrets = (owner: PodOwner) =>
      owner.spec.template.spec.volumes!.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets(site)).toEqual(["cloud-client-site-sync-sydney", "sydney-client-site-sync"]);
    expect(secrets(hub)).toEqual(["cloud-client-site-sync-cloud"]);
    const issued = mqttSecrets(edgeCluster).map(({ name }) => name);
    expect(issued).toEqual(expect.arrayContaining([...secrets(site), ...secrets(hub)]));
    const brokers = (name: string) => {
      const { egress } = find(tokyo, "NetworkPolicy", name).spec as { egress: Egress[] };
      return egress.flatMap(({ to }) => to?.[0].podSelector?.matchLabels["app.kubernetes.io/instance"] ?? []);
    };
    expect(brokers("site-sync-sydney")).toEqual(["cloud", "sydney"]);
    expect(brokers("site-sync-cloud")).toEqual(["cloud"]);
  });

  it("can be exchanged by its site only, and configures the nodes of its site only", () => {
    expect(acl(tokyo, "cloud")).toEqual(
      expect.arrayContaining([
        "user client:cloud:site-sync-cloud\ntopic write skerry/v1/sync/+/down\ntopic read skerry/v1/sync/+/up",
        "user client:cloud:site-sync-sydney\ntopic write skerry/v1/sync/sydney/up\ntopic read skerry/v1/sync/sydney/down",
      ]),
    );
    expect(acl(tokyo, "sydney")).toContainEqual(
      [
        "user client:sydney:site-sync",
        "topic write skerry/v1/config/sydney-gw-01",
        "topic write skerry/v1/config/sydney-gw-02",
        "topic read skerry/v1/reported/sydney-gw-01",
        "topic read skerry/v1/reported/sydney-gw-02",
      ].join("\n"),
    );
    expect(acl(tokyo, "tokyo-edge")).toContainEqual("user client:tokyo-edge:site-sync");
  });

  it("gives brokers memory for its sessions", () => {
    const limit = (from: RenderedCluster, name: string): number =>
      parseInt(find<PodOwner>(from, "StatefulSet", name).spec.template.spec.containers[0]!.resources.limits.memory!);
    const without = render({ siteSync: undefined });
    const { memoryMiB } = edgeCluster.cloudBroker!.queue;
    expect(limit(tokyo, "cloud") - limit(without, "cloud")).toBe(3 * memoryMiB);
    expect(limit(tokyo, "sydney") - limit(without, "sydney")).toBe(edgeCluster.brokers[0]!.queue.memoryMiB);
  });

  it("refuses a broker of agents in the cloud", () => {
    const chart = new Chart(new App(), "press");
    expect(() => new SiteSync(chart, "sync", { site: "cloud", broker: "hub", siteBroker: "hub" })).toThrow(
      "press/sync: siteBroker: must not be set for site cloud, got hub",
    );
  });
});
