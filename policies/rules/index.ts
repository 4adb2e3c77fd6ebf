import type { Rule } from "../engine/rule";
import { agentsAtHome } from "./agents-at-home";
import { apiTokenWanted } from "./api-token-wanted";
import { apisNotDeprecated } from "./apis-not-deprecated";
import { apisNotRemoved } from "./apis-not-removed";
import { apparmorConfined } from "./apparmor-confined";
import { awsBucketsPrivate } from "./aws-buckets-private";
import { awsDisksEncrypted } from "./aws-disks-encrypted";
import { awsImdsv2 } from "./aws-imdsv2";
import { awsNoOpenSsh } from "./aws-no-open-ssh";
import { awsPrivateSubnets } from "./aws-private-subnets";
import { awsTagged } from "./aws-tagged";
import { awsUserDataClean } from "./aws-user-data-clean";
import { budgetsAllowDrains } from "./budgets-allow-drains";
import { capabilitiesDropped } from "./capabilities-dropped";
import { capacitySuffices } from "./capacity-suffices";
import { clientsLimited } from "./clients-limited";
import { configMapsExist } from "./config-maps-exist";
import { deviceChosen } from "./device-chosen";
import { handlersLocal } from "./handlers-local";
import { imagesPinned } from "./images-pinned";
import { matchesSchema } from "./matches-schema";
import { mqttListenersSecured } from "./mqtt-listeners-secured";
import { mqttQueuesBounded } from "./mqtt-queues-bounded";
import { namesValid } from "./names-valid";
import { namespacesExist } from "./namespaces-exist";
import { networkPoliciesPresent } from "./network-policies-present";
import { noBlanketToleration } from "./no-blanket-toleration";
import { noHostNamespaces } from "./no-host-namespaces";
import { noHostPath } from "./no-host-path";
import { noPlainSecrets } from "./no-plain-secrets";
import { noPrivilegeEscalation } from "./no-privilege-escalation";
import { noPrivileged } from "./no-privileged";
import { nodePoolsValid } from "./node-pools-valid";
import { objectIdsUnique } from "./object-ids-unique";
import { podsHaveNodes } from "./pods-have-nodes";
import { priorityClassesExist } from "./priority-classes-exist";
import { probes } from "./probes";
import { procMasked } from "./proc-masked";
import { queuesFitDisk } from "./queues-fit-disk";
import { readOnlyRoot } from "./read-only-root";
import { regionsExist } from "./regions-exist";
import { replicasHaveBudget } from "./replicas-have-budget";
import { replicasSpread } from "./replicas-spread";
import { requestsAndLimits } from "./requests-and-limits";
import { requestsFitNodes } from "./requests-fit-nodes";
import { runAsNonRoot } from "./run-as-non-root";
import { schedulerConfigValid } from "./scheduler-config-valid";
import { schedulerDecides } from "./scheduler-decides";
import { schedulerKnown } from "./scheduler-known";
import { seccomp } from "./seccomp";
import { secretsEncrypted } from "./secrets-encrypted";
import { selectedNodesTolerated } from "./selected-nodes-tolerated";
import { selinuxConfined } from "./selinux-confined";
import { serversOdd } from "./servers-odd";
import { serversRedundant } from "./servers-redundant";
import { serviceAccountsExist } from "./service-accounts-exist";
import { sysctlsSafe } from "./sysctls-safe";
import { taintsHavePods } from "./taints-have-pods";
import { tokensSecret } from "./tokens-secret";
import { tolerationsHaveTaints } from "./tolerations-have-taints";
import { volumeTypes } from "./volume-types";

/** Every rule that Skerry brings, in the order in which reports list them. */
export const rules: readonly Rule[] = [
  agentsAtHome,
  apiTokenWanted,
  apisNotDeprecated,
  apisNotRemoved,
  apparmorConfined,
  awsBucketsPrivate,
  awsDisksEncrypted,
  awsImdsv2,
  awsNoOpenSsh,
  awsPrivateSubnets,
  awsTagged,
  awsUserDataClean,
  budgetsAllowDrains,
  capabilitiesDropped,
  capacitySuffices,
  clientsLimited,
  configMapsExist,
  deviceChosen,
  handlersLocal,
  imagesPinned,
  matchesSchema,
  mqttListenersSecured,
  mqttQueuesBounded,
  namesValid,
  namespacesExist,
  networkPoliciesPresent,
  noBlanketToleration,
  noHostNamespaces,
  noHostPath,
  noPlainSecrets,
  noPrivilegeEscalation,
  noPrivileged,
  nodePoolsValid,
  objectIdsUnique,
  podsHaveNodes,
  priorityClassesExist,
  probes,
  procMasked,
  queuesFitDisk,
  readOnlyRoot,
  regionsExist,
  replicasHaveBudget,
  replicasSpread,
  requestsAndLimits,
  requestsFitNodes,
  runAsNonRoot,
  schedulerConfigValid,
  schedulerDecides,
  schedulerKnown,
  seccomp,
  secretsEncrypted,
  selectedNodesTolerated,
  selinuxConfined,
  serversOdd,
  serversRedundant,
  serviceAccountsExist,
  sysctlsSafe,
  taintsHavePods,
  tokensSecret,
  tolerationsHaveTaints,
  volumeTypes,
];
