import { renderFleet } from "../../charts/render";
import { smallFleet } from "../fixtures/small-fleet";
import { find } from "./support/rendered";

const [tokyo, frankfurt] = renderFleet(smallFleet);

describe("the traffic of a workload", () => {
  test("comes in at its port alone", () => {
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

  test("goes anywhere but to where a cloud tells a machine its credentials", () => {
    expect(find(tokyo!, "NetworkPolicy", "detector")).toHaveProperty("spec.egress", [
      { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }] },
    ]);
  });

  test("is stated in the clusters where the workload runs, and only of it", () => {
    const names = (cluster: typeof tokyo) =>
      cluster!.objects
        .filter(
          ({ kind, metadata }) =>
            kind === "NetworkPolicy" && metadata.namespace !== "mqtt" && metadata.namespace !== "skerry-system",
        )
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
