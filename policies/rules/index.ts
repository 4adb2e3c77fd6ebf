import type { Rule } from "../engine/rule";
import { agentsInHomeRegion } from "./agents-in-home-region";
import { apparmorConfined } from "./apparmor-confined";
import { awsBucketsPrivate } from "./aws-buckets-private";
import { awsDisksEncrypted } from "./aws-disks-encrypted";
import { awsImdsv2 } from "./aws-imdsv2";
import { awsNoOpenSsh } from "./aws-no-open-ssh";
import { awsNoPublicIps } from "./aws-no-public-ips";
import { awsNoSecretsInUserData } from "./aws-no-secrets-in-user-data";
import { awsRequiredTags } from "./aws-required-tags";
import { backupsOffNode } from "./backups-off-node";
import { budgetsAllowDrains } from "./budgets-allow-drains";
import { capabilitiesDropped } from "./capabilities-dropped";
import { certificatesCurrent } from "./certificates-current";
import { configMapsExist } from "./config-maps-exist";
import { edgeAcknowledgementsReturn } from "./edge-acknowledgements-return";
import { edgeOutboxesLeaveRoom } from "./edge-outboxes-leave-room";
import { edgeTopicsExclusive } from "./edge-topics-exclusive";
import { imagesPinned } from "./images-pinned";
import { k3sCiphersStrong } from "./k3s-ciphers-strong";
import { k3sDefaultsKept } from "./k3s-defaults-kept";
import { k3sEventsLimited } from "./k3s-events-limited";
import { k3sFilesPrivate } from "./k3s-files-private";
import { k3sHardened } from "./k3s-hardened";
import { k3sKernelDefaultsProtected } from "./k3s-kernel-defaults-protected";
import { k3sKubeletsBounded } from "./k3s-kubelets-bounded";
import { k3sNamespacesIsolated } from "./k3s-namespaces-isolated";
import { k3sPodSecurityEnforced } from "./k3s-pod-security-enforced";
import { k3sRequestsAudited } from "./k3s-requests-audited";
import { k3sTerminatedPodsDeleted } from "./k3s-terminated-pods-deleted";
import { k3sTokensExpire } from "./k3s-tokens-expire";
import { k3sVersionsClose } from "./k3s-versions-close";
import { matchesSchema } from "./matches-schema";
import { mqttClientsRestricted } from "./mqtt-clients-restricted";
import { mqttListenersSecured } from "./mqtt-listeners-secured";
import { mqttQueuesBounded } from "./mqtt-queues-bounded";
import { mqttQueuesFitVolume } from "./mqtt-queues-fit-volume";
import { namesValid } from "./names-valid";
import { namespacesExist } from "./namespaces-exist";
import { networkPoliciesPresent } from "./network-policies-present";
import { noBlanketToleration } from "./no-blanket-toleration";
import { noDefaultAccountToken } from "./no-default-account-token";
import { noDeprecatedApis } from "./no-deprecated-apis";
import { noExposedTokens } from "./no-exposed-tokens";
import { noHandlerHosts } from "./no-handler-hosts";
import { noHostNamespaces } from "./no-host-namespaces";
import { noHostPath } from "./no-host-path";
import { noNodeName } from "./no-node-name";
import { noPlainSecrets } from "./no-plain-secrets";
import { noPrivilegeEscalation } from "./no-privilege-escalation";
import { noPrivileged } from "./no-privileged";
import { noRemovedApis } from "./no-removed-apis";
import { nodePoolsValid } from "./node-pools-valid";
import { objectIdsUnique } from "./object-ids-unique";
import { podsSchedulable } from "./pods-schedulable";
import { priorityClassesExist } from "./priority-classes-exist";
import { probes } from "./probes";
import { procMasked } from "./proc-masked";
import { readOnlyRootFilesystem } from "./read-only-root-filesystem";
import { regionsExist } from "./regions-exist";
import { replicasHaveBudget } from "./replicas-have-budget";
import { replicasSpread } from "./replicas-spread";
import { requestsAndLimits } from "./requests-and-limits";
import { requestsFitCapacity } from "./requests-fit-capacity";
import { requestsFitNodes } from "./requests-fit-nodes";
import { runAsNonRoot } from "./run-as-non-root";
import { schedulerConfigValid } from "./scheduler-config-valid";
import { schedulersExist } from "./schedulers-exist";
import { seccomp } from "./seccomp";
import { secretsEncrypted } from "./secrets-encrypted";
import { selectedNodesTolerated } from "./selected-nodes-tolerated";
import { selinuxConfined } from "./selinux-confined";
import { serversOdd } from "./servers-odd";
import { serversRedundant } from "./servers-redundant";
import { serviceAccountsExist } from "./service-accounts-exist";
import { survivesRegionLoss } from "./survives-region-loss";
import { sysctlsSafe } from "./sysctls-safe";
import { taintsTolerated } from "./taints-tolerated";
import { toleratedDevicesSelected } from "./tolerated-devices-selected";
import { tolerationsMatchTaints } from "./tolerations-match-taints";
import { volumeTypes } from "./volume-types";

/** Skerry's own rules, in the order in which reports list them. */
export const rules: readonly Rule[] = [
  agentsInHomeRegion,
  apparmorConfined,
  awsBucketsPrivate,
  awsDisksEncrypted,
  awsImdsv2,
  awsNoOpenSsh,
  awsNoPublicIps,
  awsNoSecretsInUserData,
  awsRequiredTags,
  backupsOffNode,
  budgetsAllowDrains,
  capabilitiesDropped,
  certificatesCurrent,
  configMapsExist,
  edgeAcknowledgementsReturn,
  edgeOutboxesLeaveRoom,
  edgeTopicsExclusive,
  imagesPinned,
  k3sCiphersStrong,
  k3sDefaultsKept,
  k3sEventsLimited,
  k3sFilesPrivate,
  k3sHardened,
  k3sKernelDefaultsProtected,
  k3sKubeletsBounded,
  k3sNamespacesIsolated,
  k3sPodSecurityEnforced,
  k3sRequestsAudited,
  k3sTerminatedPodsDeleted,
  k3sTokensExpire,
  k3sVersionsClose,
  matchesSchema,
  mqttClientsRestricted,
  mqttListenersSecured,
  mqttQueuesBounded,
  mqttQueuesFitVolume,
  namesValid,
  namespacesExist,
  networkPoliciesPresent,
  noBlanketToleration,
  noDefaultAccountToken,
  noDeprecatedApis,
  noExposedTokens,
  noHandlerHosts,
  noHostNamespaces,
  noHostPath,
  noNodeName,
  noPlainSecrets,
  noPrivilegeEscalation,
  noPrivileged,
  noRemovedApis,
  nodePoolsValid,
  objectIdsUnique,
  podsSchedulable,
  priorityClassesExist,
  probes,
  procMasked,
  readOnlyRootFilesystem,
  regionsExist,
  replicasHaveBudget,
  replicasSpread,
  requestsAndLimits,
  requestsFitCapacity,
  requestsFitNodes,
  runAsNonRoot,
  schedulerConfigValid,
  schedulersExist,
  seccomp,
  secretsEncrypted,
  selectedNodesTolerated,
  selinuxConfined,
  serversOdd,
  serversRedundant,
  serviceAccountsExist,
  survivesRegionLoss,
  sysctlsSafe,
  taintsTolerated,
  toleratedDevicesSelected,
  tolerationsMatchTaints,
  volumeTypes,
];
