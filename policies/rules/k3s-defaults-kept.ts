import { machineRule } from "../k3s/machine-rule";
import { argumentsOf } from "../k3s/rendered-machines";

type Component = Parameters<typeof argumentsOf>[1];

/** Arguments for which K3s has a hardened default, with the values that keep it. */
const KEPT: Readonly<Record<Component, Readonly<Record<string, RegExp>>>> = {
  "kube-apiserver": {
    "anonymous-auth": /^false$/,
    "authorization-mode": /^(?=.*\bNode\b)(?=.*\bRBAC\b)(?!.*AlwaysAllow)/,
    "disable-admission-plugins": /^$/,
    profiling: /^false$/,
    "service-account-lookup": /^true$/,
    "token-auth-file": /^$/,
    "kubelet-certificate-authority": /^\/var\/lib\/rancher\//,
  },
  "kube-controller-manager": {
    profiling: /^false$/,
    "use-service-account-credentials": /^true$/,
    "bind-address": /^127\.0\.0\.1$/,
  },
  "kube-scheduler": { profiling: /^false$/, "bind-address": /^127\.0\.0\.1$/ },
  kubelet: {
    "anonymous-auth": /^false$/,
    "authorization-mode": /^Webhook$/,
    "read-only-port": /^0$/,
    "make-iptables-util-chains": /^true$/,
    "rotate-certificates": /^true$/,
  },
};

export const k3sDefaultsKept = machineRule({
  id: "k3s-defaults-kept",
  title: "The configuration does not weaken hardened defaults of K3s",
  why: "K3s denies anonymous requests, authorizes with RBAC, and binds its components to loopback addresses. One argument turns that off.",
  severity: "error",
  remedy: "Remove the argument.",
  controls: [
    ...["1.2.1", "1.2.2", "1.2.5", "1.2.6", "1.2.7", "1.2.8", "1.2.12", "1.2.13", "1.2.15", "1.2.21"],
    ...["1.3.2", "1.3.3", "1.3.7", "1.4.1", "1.4.2", "4.2.1", "4.2.2", "4.2.4", "4.2.6", "4.2.10"],
  ].map((number) => `CIS ${number}`),
  requirements: (Object.keys(KEPT) as Component[]).map((component) => ({
    check: (machine) => {
      const found = argumentsOf(machine, component);
      return Object.entries(KEPT[component]).flatMap(([name, kept]) =>
        found[name] === undefined || kept.test(found[name])
          ? []
          : [`${component}-arg must not have ${name}=${found[name]}`],
      );
    },
  })),
});
