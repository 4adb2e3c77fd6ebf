import { basename, dirname } from "node:path";

import { apiGroupOf } from "../../fleet/kubernetes/object";
import { isKustomization } from "./kustomization";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const folderOf = (file: string): string => (file === "-" ? "DIR" : dirname(file));

export const kustomization = (file: string): string =>
  `a kustomization: check what it renders to with kubectl kustomize ${folderOf(file)} | skerry policy -`;
export const helmChart = (file: string): string =>
  `a Helm chart: check what it renders to with helm template ${folderOf(file)} | skerry policy -`;
export const TEMPLATE = "a template: check what it renders to, as in helm template DIR | skerry policy -";

/**
 * What a document is that is no Kubernetes object, as reports name it. Undefined where it is meant as one: it states two
 * of apiVersion, kind and metadata.
 */
export function foreignDocument(file: string, value: unknown): string | undefined {
  if (!isFields(value)) {
    const meant =
      Array.isArray(value) && value.some((item) => isFields(item) && isText(item.apiVersion) && isText(item.kind));
    return meant ? undefined : OTHER;
  }
  const { apiVersion, kind, metadata } = value;
  if (isText(apiVersion) && apiVersion.startsWith("kustomize.config.k8s.io/")) return kustomization(file);
  const stated = [apiVersion, kind, isFields(metadata) ? metadata : undefined].filter((each) => (each ?? "") !== "");
  if (stated.length < 2) return dataName(file, value);
  if (isText(apiVersion) && isText(kind) && (metadata ?? null) === null && !isServed(apiVersion, kind)) {
    return `a configuration file (${apiVersion} ${kind})`;
  }
  return undefined;
}

/** Whether Kubernetes' API server serves objects of a group: all of them have metadata. */
function isServed(apiVersion: string, kind: string): boolean {
  const group = apiGroupOf(apiVersion);
  // A kubeconfig.
  if (apiVersion === "v1" && kind === "Config") return false;
  if (!group.includes(".")) return true;
  return group.endsWith(".k8s.io") && !/(^|\.)(config|x-k8s|kubeadm)\./.test(group);
}

const OTHER = "data without apiVersion and kind";

function dataName(file: string, value: Fields): string {
  const name = basename(file).toLowerCase();
  if (isKustomization(name)) return kustomization(file);
  if (/^chart\.ya?ml$/.test(name)) return helmChart(file);
  if (Array.isArray(value.clusters) && Array.isArray(value.regions)) return "a fleet: name it with --fleet";
  if (name === "package.json") return "an npm package";
  if (/^values.*\.ya?ml$/.test(name)) return "values of a Helm chart";
  if (Array.isArray(value.panels) && value.schemaVersion !== undefined) return "a Grafana dashboard";
  if (value.openapi !== undefined || value.swagger !== undefined) return "an OpenAPI document";
  if (isFields(value.services) && /compose/.test(name)) return "a Compose file";
  return OTHER;
}
