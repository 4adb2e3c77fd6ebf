import { stringify } from "yaml";

import type { ClusterSpec } from "../../model";
import type { MachineRole } from "../boot/unit";
import type { K3sConfig } from "../config";
import type { WrittenFile } from "../written-file";
import { configOf, type HardeningSetting, settingsOf } from "./settings";

const ADMISSION_CONFIG = "/etc/rancher/k3s/admission.yaml";

type Cluster = Pick<ClusterSpec, "hardening">;

/** Adds configuration to that of a machine. Lists are appended; other values replace. */
function merge(base: K3sConfig, added: K3sConfig): K3sConfig {
  const merged = Object.entries(added).map(([key, value]) => {
    const old = base[key];
    return [key, Array.isArray(old) && Array.isArray(value) ? [...(old as string[]), ...(value as string[])] : value];
  });
  return { ...base, ...(Object.fromEntries(merged) as K3sConfig) };
}

/** Returns the configuration of the admission plugins, if any is configured. */
function admissionConfig(settings: readonly HardeningSetting[]): object | undefined {
  const plugins = settings.flatMap(({ admissionPlugin }) => admissionPlugin ?? []);
  return plugins.length === 0
    ? undefined
    : { apiVersion: "apiserver.config.k8s.io/v1", kind: "AdmissionConfiguration", plugins };
}

/** Adds the hardening settings of a cluster to the K3s configuration of a machine. */
export function hardenConfig(role: MachineRole, cluster: Cluster, config: K3sConfig): K3sConfig {
  const settings = settingsOf(cluster);
  const admission: K3sConfig[] =
    role === "server" && admissionConfig(settings)
      ? [{ "kube-apiserver-arg": [`admission-control-config-file=${ADMISSION_CONFIG}`] }]
      : [];
  return [...settings.flatMap((setting) => configOf(setting, role)), ...admission].reduce(merge, config);
}

/** Returns the files to which the hardened configuration refers. */
export function hardeningFiles(role: MachineRole, cluster: Cluster): readonly WrittenFile[] {
  const settings = settingsOf(cluster);
  const admission = role === "server" ? admissionConfig(settings) : undefined;
  return [
    ...settings.flatMap(({ files = [], serverFiles = [] }) => [...files, ...(role === "server" ? serverFiles : [])]),
    ...(admission ? [{ path: ADMISSION_CONFIG, content: stringify(admission, { lineWidth: 0 }) }] : []),
  ];
}
