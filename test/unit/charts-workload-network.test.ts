import { renderFleet } from "../../charts/render";
import { smallFleet } from "../fixtures/small-fleet";
import { find } from "./support/rendered";

const [tokyo, frankfurt] = renderFleet(smallFleet);

describe("the traffic of a workload", () => {
  test("is allowed to its port only", () => {
    expect(find(tokyo!, "NetworkPolicy", "detector")).toMatchObject({
      metadata: { namespace: "telemetry", labels: { "app.kubernetes.io/managed-by": "skerry" } },
      spec: {
        podSelector: {
          matchLabels: { "app.kubernetes.io/name": "detector", "app.kubernetes.io/component": "workload" },
        },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ ports: [{ protocol: "TCP", port: 8080 }] }],
      },
    });
  });

  test("is allowed to any address except the metadata service", () => {
    expect(find(tokyo!, "NetworkPolicy", "detector")).toHaveProperty("spec.egress", [
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }] },
    ]);
  });

  test("is only restricted for the workload, in the clusters where it runs", () => {
    const names = (cluster: typeof tokyo) =>
      cluster!.objects
        .filter(
          ({ kind, metadata }) =>
            kind === "NetworkPolicy" && !["mqtt", "skerry-system", "skerry-node-agent"].includes(metadata.namespace!),
        )
        // Those of the namespaces of K3s.
        .filter(({ metadata }) => !metadata.name!.startsWith("skerry-"))
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(names(tokyo)).toEqual([
      "telemetry/dashboard",
      "telemetry/detector",
      "telemetry/node-probe",
      "telemetry/sensor-gateway",
    ]);
    expect(names(frankfurt)).toEqual([
      "default/archive",
      "telemetry/dashboard",
      "telemetry/detector",
      "telemetry/node-probe",
    ]);
  });
});
