import { basename, dirname } from "node:path";

import { apiGroupOf } from "../../fleet/kubernetes/object";
import { isKustomization } from "./kustomization";

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const folderOf = (file: string): string => (file === "-" ? "DIR" : dirname(file));

const kustomization = (file: string): string =>
  `a kustomization: check its output with kubectl kustomize ${folderOf(file)} | skerry policy -`;
export const helmChart = (file: string): string =>
  `a Helm chart: check its output with helm template ${folderOf(file)} | skerry policy -`;
export const TEMPLATE = "a template: check its output, for example with helm template DIR | skerry policy -";

/**
 * Describes a document that is not a Kubernetes object. Returns undefined for a document that is meant to be an object: one
 * that has two of apiVersion, kind and metadata.
 */
export function describeForeignDocument(file: string, value: unknown): string | undefined {
  if (!isFields(value)) {
    const isListOfObjects =
      Array.isArray(value) && value.some((item) => isFields(item) && isText(item.apiVersion) && isText(item.kind));
    return isListOfObjects ? undefined : OTHER;
  }
  const { apiVersion, kind, metadata } = value;
  if (isText(apiVersion) && apiVersion.startsWith("kustomize.config.k8s.io/")) return kustomization(file);
  const present = [apiVersion, kind, isFields(metadata) ? metadata : undefined].filter((each) => (each ?? "") !== "");
  if (present.length < 2) return describeData(file, value);
  if (isText(apiVersion) && isText(kind) && (metadata ?? null) === null && !isServed(apiVersion, kind)) {
    return `a configuration file (${apiVersion} ${kind})`;
  }
  return undefined;
}

/** Whether the API server serves a kind. All kinds that it serves have metadata. */
function isServed(apiVersion: string, kind: string): boolean {
  const group = apiGroupOf(apiVersion);
  // A kubeconfig.
  if (apiVersion === "v1" && kind === "Config") return false;
  if (!group.includes(".")) return true;
  return group.endsWith(".k8s.io") && !/(^|\.)(config|x-k8s|kubeadm)\./.test(group);
}

const OTHER = "data without apiVersion and kind";

function describeData(file: string, value: Fields): string {
  const name = basename(file).toLowerCase();
  if (isKustomization(name)) return kustomization(file);
  if (/^chart\.ya?ml$/.test(name)) return helmChart(file);
  if (Array.isArray(value.clusters) && Array.isArray(value.regions)) return "a fleet: pass it with --fleet";
  if (name === "package.json") return "an npm package";
  if (/^values.*\.ya?ml$/.test(name)) return "values of a Helm chart";
  if (Array.isArray(value.panels) && value.schemaVersion !== undefined) return "a Grafana dashboard";
  if (value.openapi !== undefined || value.swagger !== undefined) return "an OpenAPI document";
  if (isFields(value.services) && /compose/.test(name)) return "a Compose file";
  return OTHER;
}
