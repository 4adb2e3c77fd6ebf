import { k8s } from "cdk8s-plus-27";

const port = (protocol: "TCP" | "UDP", number: number): k8s.NetworkPolicyPort => ({
  protocol,
  port: k8s.IntOrString.fromNumber(number),
});

/** Ports as a network policy states them. */
export const tcp = (...numbers: readonly number[]): k8s.NetworkPolicyPort[] =>
  numbers.map((number) => port("TCP", number));

/** Lets pods ask the cluster's DNS (K3s's CoreDNS carries upstream's label). */
export const toDns: k8s.NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: [port("UDP", 53), port("TCP", 53)],
};

/**
 * Lets pods call the Kubernetes API. Servers are no pods, so no selector can name them; the ports are those of the
 * Service and, once kube-proxy has rewritten the address, of the K3s servers themselves.
 */
export const toKubernetesApi: k8s.NetworkPolicyEgressRule = { ports: tcp(443, 6443) };

/** Denies all traffic of a namespace's pods that no other policy allows. */
export const DENY_ALL: k8s.NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
