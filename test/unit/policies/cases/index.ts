import type { ObjectCases } from "./case";
import { apparmorConfined } from "./apparmor-confined";
import { capabilitiesDropped } from "./capabilities-dropped";
import { certificatesCurrent } from "./certificates-current";
import { imagesPinned } from "./images-pinned";
import { mqttListenersSecured } from "./mqtt-listeners-secured";
import { mqttQueuesBounded } from "./mqtt-queues-bounded";
import { namesValid } from "./names-valid";
import { noBlanketToleration } from "./no-blanket-toleration";
import { noDefaultAccountToken } from "./no-default-account-token";
import { noHandlerHosts } from "./no-handler-hosts";
import { noHostNamespaces } from "./no-host-namespaces";
import { noHostPath } from "./no-host-path";
import { noNodeName } from "./no-node-name";
import { noPlainSecrets } from "./no-plain-secrets";
import { noPrivilegeEscalation } from "./no-privilege-escalation";
import { noPrivileged } from "./no-privileged";
import { nodePoolsValid } from "./node-pools-valid";
import { probes } from "./probes";
import { procMasked } from "./proc-masked";
import { readOnlyRootFilesystem } from "./read-only-root-filesystem";
import { requestsAndLimits } from "./requests-and-limits";
import { runAsNonRoot } from "./run-as-non-root";
import { schedulerConfigValid } from "./scheduler-config-valid";
import { schedulersExist } from "./schedulers-exist";
import { seccomp } from "./seccomp";
import { selinuxConfined } from "./selinux-confined";
import { sysctlsSafe } from "./sysctls-safe";
import { toleratedDevicesSelected } from "./tolerated-devices-selected";
import { volumeTypes } from "./volume-types";

/** Examples for every rule that a single object can violate, by rule id. */
export const cases: Readonly<Record<string, ObjectCases>> = {
  "apparmor-confined": apparmorConfined,
  "capabilities-dropped": capabilitiesDropped,
  "certificates-current": certificatesCurrent,
  "images-pinned": imagesPinned,
  "mqtt-listeners-secured": mqttListenersSecured,
  "mqtt-queues-bounded": mqttQueuesBounded,
  "names-valid": namesValid,
  "no-blanket-toleration": noBlanketToleration,
  "no-default-account-token": noDefaultAccountToken,
  "no-handler-hosts": noHandlerHosts,
  "no-host-namespaces": noHostNamespaces,
  "no-host-path": noHostPath,
  "no-node-name": noNodeName,
  "no-plain-secrets": noPlainSecrets,
  "no-privilege-escalation": noPrivilegeEscalation,
  "no-privileged": noPrivileged,
  "node-pools-valid": nodePoolsValid,
  probes,
  "proc-masked": procMasked,
  "read-only-root-filesystem": readOnlyRootFilesystem,
  "requests-and-limits": requestsAndLimits,
  "run-as-non-root": runAsNonRoot,
  "scheduler-config-valid": schedulerConfigValid,
  "schedulers-exist": schedulersExist,
  seccomp,
  "selinux-confined": selinuxConfined,
  "sysctls-safe": sysctlsSafe,
  "tolerated-devices-selected": toleratedDevicesSelected,
  "volume-types": volumeTypes,
};
