import type { V1LabelSelector } from "@kubernetes/client-node";

import type { KubeObject } from "../../kubernetes/object";

/** Namespaces of every K3s cluster that can contain pods which Skerry does not deploy. */
export const ISOLATED_NAMESPACES = ["kube-system", "default", "kube-public"] as const;

/** A network policy for ingress, as plain JSON. */
export interface IngressPolicy extends KubeObject {
  readonly spec: {
    readonly podSelector: V1LabelSelector;
    readonly policyTypes: readonly ["Ingress"];
    readonly ingress: readonly {
      /** @default - from everywhere */
      readonly from?: readonly {
        readonly podSelector?: V1LabelSelector;
        readonly namespaceSelector?: V1LabelSelector;
      }[];
      /** @default - all ports */
      readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
    }[];
  };
}

const policy = (
  namespace: string,
  name: string,
  podSelector: V1LabelSelector,
  ingress: IngressPolicy["spec"]["ingress"],
): IngressPolicy => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: `skerry-${name}`, namespace },
  spec: { podSelector, policyTypes: ["Ingress"], ingress },
});

/** Allows all pods of a namespace traffic from pods of the same namespace, and no other. */
const fromSameNamespace = (namespace: string): IngressPolicy =>
  policy(namespace, "same-namespace", {}, [{ from: [{ podSelector: {} }] }]);

/** Allows one of K3s' programs traffic from everywhere, on its ports. */
const fromEverywhere = (
  program: string,
  name: string,
  ports: readonly { readonly protocol: string; readonly port: number }[],
): IngressPolicy => policy("kube-system", name, { matchLabels: { "k8s-app": program } }, [{ ports }]);

/**
 * Network policies that isolate the namespaces of K3s. Traefik and ServiceLB, for which K3s' hardening guide has policies too, are
 * disabled.
 *
 * The other programs of `kube-system` accept no traffic (the storage provisioner, jobs that install Helm charts), or are in the
 * network of their node, to which network policies do not apply (the programs of clusters in AWS).
 *
 * @see https://docs.k3s.io/security/hardening-guide#networkpolicies
 */
export const NAMESPACE_ISOLATION: readonly IngressPolicy[] = [
  ...ISOLATED_NAMESPACES.map(fromSameNamespace),
  fromEverywhere("kube-dns", "dns", [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ]),
  // API servers call it from the network of the servers, which no selector matches.
  fromEverywhere("metrics-server", "metrics-server", [{ protocol: "TCP", port: 10250 }]),
];
