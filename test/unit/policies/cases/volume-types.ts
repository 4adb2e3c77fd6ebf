import { type ObjectCases, podSpec, workload } from "./case";

const volumes = (...sources: readonly object[]) =>
  podSpec({ volumes: sources.map((source, index) => ({ name: `volume-${index}`, ...source })) });
const at = "spec.template.spec.volumes";

export const volumeTypes: ObjectCases = {
  valid: [
    workload("Pod"),
    workload(
      "Deployment",
      volumes(
        { emptyDir: {} },
        { configMap: { name: "settings" } },
        { secret: { secretName: "tls" } },
        { persistentVolumeClaim: { claimName: "data" } },
        { projected: { sources: [] } },
        { csi: { driver: "secrets.example" } },
        {},
        // no-host-path checks this type.
        { hostPath: { path: "/run" } },
        { emptyDir: {}, nfs: null },
      ),
    ),
  ],
  invalid: [
    { object: workload("Pod", volumes({ nfs: { server: "nas", path: "/" } })), paths: ["spec.volumes[0].nfs"] },
    {
      object: workload(
        "StatefulSet",
        volumes(
          { emptyDir: {} },
          { iscsi: { targetPortal: "10.0.0.1", iqn: "iqn.2001-04.com.example:storage", lun: 0 } },
          { flexVolume: { driver: "example/disk" } },
        ),
      ),
      paths: [`${at}[1].iscsi`, `${at}[2].flexVolume`],
    },
  ],
};
