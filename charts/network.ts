import { k8s } from "cdk8s-plus-27";

const port = (protocol: "TCP" | "UDP", number: number): k8s.NetworkPolicyPort => ({
  protocol,
  port: k8s.IntOrString.fromNumber(number),
});

/** Returns TCP ports for a network policy. */
export const tcp = (...numbers: readonly number[]): k8s.NetworkPolicyPort[] =>
  numbers.map((number) => port("TCP", number));

/** Returns UDP ports for a network policy. */
export const udp = (...numbers: readonly number[]): k8s.NetworkPolicyPort[] =>
  numbers.map((number) => port("UDP", number));

/** Allows DNS requests. CoreDNS of K3s has the upstream label. */
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
 * Allows requests to the Kubernetes API. No selector matches the API servers, because they are not pods. The ports are
 * those of the Service and of the K3s servers, to which kube-proxy rewrites the address.
 */
export const toKubernetesApi: k8s.NetworkPolicyEgressRule = { ports: tcp(443, 6443) };

/** Denies all traffic of the pods in a namespace that no other policy allows. */
export const DENY_ALL: k8s.NetworkPolicySpec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
