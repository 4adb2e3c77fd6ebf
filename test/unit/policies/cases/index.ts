import type { ObjectCases } from "./case";
import { apiTokenWanted } from "./api-token-wanted";
import { apparmorConfined } from "./apparmor-confined";
import { capabilitiesDropped } from "./capabilities-dropped";
import { deviceChosen } from "./device-chosen";
import { handlersLocal } from "./handlers-local";
import { imagesPinned } from "./images-pinned";
import { mqttListenersSecured } from "./mqtt-listeners-secured";
import { mqttQueuesBounded } from "./mqtt-queues-bounded";
import { namesValid } from "./names-valid";
import { noBlanketToleration } from "./no-blanket-toleration";
import { noHostNamespaces } from "./no-host-namespaces";
import { noHostPath } from "./no-host-path";
import { noPlainSecrets } from "./no-plain-secrets";
import { noPrivilegeEscalation } from "./no-privilege-escalation";
import { noPrivileged } from "./no-privileged";
import { nodePoolsValid } from "./node-pools-valid";
import { probes } from "./probes";
import { procMasked } from "./proc-masked";
import { readOnlyRoot } from "./read-only-root";
import { requestsAndLimits } from "./requests-and-limits";
import { runAsNonRoot } from "./run-as-non-root";
import { schedulerConfigValid } from "./scheduler-config-valid";
import { schedulerDecides } from "./scheduler-decides";
import { schedulerKnown } from "./scheduler-known";
import { seccomp } from "./seccomp";
import { selinuxConfined } from "./selinux-confined";
import { sysctlsSafe } from "./sysctls-safe";
import { volumeTypes } from "./volume-types";

/** Examples of every rule about one object, by its id. */
export const cases: Readonly<Record<string, ObjectCases>> = {
  "api-token-wanted": apiTokenWanted,
  "apparmor-confined": apparmorConfined,
  "capabilities-dropped": capabilitiesDropped,
  "device-chosen": deviceChosen,
  "handlers-local": handlersLocal,
  "images-pinned": imagesPinned,
  "mqtt-listeners-secured": mqttListenersSecured,
  "mqtt-queues-bounded": mqttQueuesBounded,
  "names-valid": namesValid,
  "no-blanket-toleration": noBlanketToleration,
  "no-host-namespaces": noHostNamespaces,
  "no-host-path": noHostPath,
  "no-plain-secrets": noPlainSecrets,
  "no-privilege-escalation": noPrivilegeEscalation,
  "no-privileged": noPrivileged,
  "node-pools-valid": nodePoolsValid,
  probes: probes,
  "proc-masked": procMasked,
  "read-only-root": readOnlyRoot,
  "requests-and-limits": requestsAndLimits,
  "run-as-non-root": runAsNonRoot,
  "scheduler-config-valid": schedulerConfigValid,
  "scheduler-decides": schedulerDecides,
  "scheduler-known": schedulerKnown,
  seccomp: seccomp,
  "selinux-confined": selinuxConfined,
  "sysctls-safe": sysctlsSafe,
  "volume-types": volumeTypes,
};
