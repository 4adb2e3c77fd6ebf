import type { KubeObject } from "../../fleet/kubernetes/object";

/** A deprecated API version. Versions are minor versions of Kubernetes 1. */
export interface DeprecatedApi {
  readonly apiVersion: string;
  readonly kinds: readonly string[];
  readonly deprecated: number;
  /** The first version that does not serve it. Absent if its removal is not announced. */
  readonly removed?: number;
  /** The replacement. Absent if there is none. */
  readonly use?: string;
}

const api = (apiVersion: string, kinds: string, deprecated: number, removed?: number, use?: string): DeprecatedApi => ({
  apiVersion,
  kinds: kinds.split(" "),
  deprecated,
  ...(removed !== undefined && { removed }),
  ...(use !== undefined && { use }),
});

const WORKLOADS = "Deployment ReplicaSet DaemonSet";
const WEBHOOKS = "MutatingWebhookConfiguration ValidatingWebhookConfiguration";
const CLAIMS = "DeviceClass ResourceClaim ResourceClaimTemplate ResourceSlice";
const REVIEWS = "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview";

/**
 * Deprecated APIs, by Kubernetes' "Deprecated API Migration Guide" and, since 1.16, by the lifecycle of each type in
 * k8s.io/api v0.36.3 (zz_generated.prerelease-lifecycle.go).
 */
export const deprecatedApis: readonly DeprecatedApi[] = [
  api("extensions/v1beta1", WORKLOADS, 8, 16, "apps/v1"),
  api("extensions/v1beta1", "NetworkPolicy", 9, 16, "networking.k8s.io/v1"),
  api("extensions/v1beta1", "PodSecurityPolicy", 11, 16),
  api("extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1"),
  api("apps/v1beta1", "Deployment StatefulSet ControllerRevision", 8, 16, "apps/v1"),
  api("apps/v1beta2", `${WORKLOADS} StatefulSet ControllerRevision`, 9, 16, "apps/v1"),
  api("admissionregistration.k8s.io/v1beta1", WEBHOOKS, 16, 22, "admissionregistration.k8s.io/v1"),
  api("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 16, 22, "apiextensions.k8s.io/v1"),
  api("apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "apiregistration.k8s.io/v1"),
  api("authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1"),
  api("authorization.k8s.io/v1beta1", REVIEWS, 19, 22, "authorization.k8s.io/v1"),
  api("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, "certificates.k8s.io/v1"),
  api("coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1"),
  api("networking.k8s.io/v1beta1", "Ingress IngressClass", 19, 22, "networking.k8s.io/v1"),
  api(
    "rbac.authorization.k8s.io/v1beta1",
    "ClusterRole ClusterRoleBinding Role RoleBinding",
    17,
    22,
    "rbac.authorization.k8s.io/v1",
  ),
  api("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1"),
  api("storage.k8s.io/v1beta1", "CSIDriver StorageClass VolumeAttachment", 19, 22, "storage.k8s.io/v1"),
  api("storage.k8s.io/v1beta1", "CSINode", 17, 22, "storage.k8s.io/v1"),
  api("storage.k8s.io/v1alpha1", "CSIStorageCapacity VolumeAttachment", 21, 24, "storage.k8s.io/v1"),
  api("batch/v1beta1", "CronJob", 21, 25, "batch/v1"),
  api("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1"),
  api("events.k8s.io/v1beta1", "Event", 22, 25, "events.k8s.io/v1"),
  api("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2"),
  api("node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "node.k8s.io/v1"),
  api("policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1"),
  api("policy/v1beta1", "PodSecurityPolicy", 21, 25),
  api("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2"),
  api(
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "FlowSchema PriorityLevelConfiguration",
    23,
    26,
    "flowcontrol.apiserver.k8s.io/v1",
  ),
  api("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1"),
  api(
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "FlowSchema PriorityLevelConfiguration",
    26,
    29,
    "flowcontrol.apiserver.k8s.io/v1",
  ),
  api(
    "admissionregistration.k8s.io/v1alpha1",
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
    29,
    32,
    "admissionregistration.k8s.io/v1",
  ),
  api(
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "FlowSchema PriorityLevelConfiguration",
    29,
    32,
    "flowcontrol.apiserver.k8s.io/v1",
  ),
  api(
    "admissionregistration.k8s.io/v1beta1",
    "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
    31,
    34,
    "admissionregistration.k8s.io/v1",
  ),
  api("storage.k8s.io/v1alpha1", "VolumeAttributesClass", 32, 35, "storage.k8s.io/v1"),
  api("v1", "ComponentStatus", 19),
  api("v1", "Endpoints", 33, undefined, "discovery.k8s.io/v1 EndpointSlice"),
  api("networking.k8s.io/v1beta1", "IPAddress ServiceCIDR", 34, 37, "networking.k8s.io/v1"),
  api("storage.k8s.io/v1beta1", "VolumeAttributesClass", 34, 37, "storage.k8s.io/v1"),
  api("certificates.k8s.io/v1alpha1", "ClusterTrustBundle", 34, 37, "certificates.k8s.io/v1beta1"),
  api(
    "admissionregistration.k8s.io/v1alpha1",
    "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
    35,
    38,
    "admissionregistration.k8s.io/v1",
  ),
  api("resource.k8s.io/v1beta1", CLAIMS, 35, 38, "resource.k8s.io/v1"),
  api("coordination.k8s.io/v1alpha2", "LeaseCandidate", 35, 38, "coordination.k8s.io/v1beta1"),
  api("resource.k8s.io/v1beta2", CLAIMS, 36, 39, "resource.k8s.io/v1"),
  api(
    "admissionregistration.k8s.io/v1beta1",
    "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
    37,
    40,
    "admissionregistration.k8s.io/v1",
  ),
];

/** By `apps/v1beta1 Deployment`. */
const byKind = new Map(
  deprecatedApis.flatMap((each) => each.kinds.map((kind) => [`${each.apiVersion} ${kind}`, each] as const)),
);

const minorNumber = (version: string): number => Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? Number.NaN);

/** Returns the API of an object if a version of Kubernetes has deprecated or removed it; else undefined. */
export function findDeprecation(
  { apiVersion, kind }: Pick<KubeObject, "apiVersion" | "kind">,
  kubernetesVersion: string,
): { readonly api: DeprecatedApi; readonly removed: boolean } | undefined {
  const api = byKind.get(`${apiVersion} ${kind}`);
  const minor = minorNumber(kubernetesVersion);
  if (api === undefined || !(minor >= api.deprecated)) return undefined;
  return { api, removed: api.removed !== undefined && minor >= api.removed };
}

/** Reports whether a version of Kubernetes has removed an object's API. */
export const isRemoved = (object: KubeObject, kubernetesVersion: string): boolean =>
  findDeprecation(object, kubernetesVersion)?.removed ?? false;
