import { formatValue } from "../../fleet/problem";
import { machineRule } from "../k3s/machine-rule";
import { argumentsOf, type RenderedMachine } from "../k3s/rendered-machines";

/** Suites with ephemeral keys and authenticated encryption. */
const STRONG = /^TLS_(ECDHE_(ECDSA|RSA)_WITH_)?(AES_(128|256)_GCM_SHA(256|384)|CHACHA20_POLY1305(_SHA256)?)$/;
const VERSIONS = ["VersionTLS12", "VersionTLS13"];

/** @param isSetByDefault whether K3s sets strong values unless the configuration does */
function checkTls(
  machine: RenderedMachine,
  component: "kubelet" | "kube-apiserver",
  isSetByDefault: boolean,
): string[] {
  const { "tls-cipher-suites": suites, "tls-min-version": version } = argumentsOf(machine, component);
  const weak = suites?.split(",").filter((name) => !STRONG.test(name)) ?? [];
  return [
    ...(suites === undefined && !isSetByDefault ? [`${component}-arg must have tls-cipher-suites`] : []),
    ...(weak.length > 0 ? [`tls-cipher-suites of ${component} must not have ${weak.join(", ")}`] : []),
    ...((version === undefined ? isSetByDefault : VERSIONS.includes(version))
      ? []
      : [`tls-min-version of ${component} must be one of: ${VERSIONS.join(", ")}, got ${formatValue(version)}`]),
  ];
}

export const k3sCiphersStrong = machineRule({
  id: "k3s-ciphers-strong",
  title: "API servers and kubelets accept only strong ciphers",
  why: "By the API of a kubelet, an API server runs commands in containers and reads their logs. Old ciphers let others read along.",
  severity: "error",
  remedy:
    "Set tls-cipher-suites and tls-min-version in kubelet-arg. K3s' API server has strong defaults: remove others.",
  controls: ["CIS 1.2.29", "CIS 4.2.12"],
  requirements: [
    { setting: "tls-ciphers", check: (machine) => checkTls(machine, "kubelet", false) },
    { setting: "tls-ciphers", role: "server", check: (machine) => checkTls(machine, "kube-apiserver", true) },
  ],
});
