import { renderFleet } from "../../charts/render";
import type { IngressPolicy } from "../../fleet/k3s/hardening/namespace-isolation";
import { matchesSelector } from "../../fleet/kubernetes/selectors";
import type { ClusterSpec } from "../../fleet/model";
import { smallFleet } from "../fixtures/small-fleet";

const [tokyo] = smallFleet.clusters;

/** Renders the network policies of the namespaces of K3s. */
const policiesOf = (changed: Partial<ClusterSpec> = {}): IngressPolicy[] =>
  renderFleet({ ...smallFleet, clusters: [{ ...tokyo!, ...changed }] })[0]!.objects.filter(
    ({ kind, metadata }) => kind === "NetworkPolicy" && /^(kube-|default$)/.test(metadata.namespace ?? ""),
  ) as IngressPolicy[];

interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}
/** Pods by their namespace and their label `k8s-app`. */
const pod = (text: string): Pod => {
  const [namespace = "", app = ""] = text.split("/");
  return { namespace, labels: { "k8s-app": app } };
};

/** Whether the policies allow a connection, as a program that enforces them decides. An absent source is no pod. */
function isAllowed(policies: readonly IngressPolicy[], source: Pod | undefined, target: Pod, port: string): boolean {
  const selecting = policies.filter(
    ({ metadata, spec }) => metadata.namespace === target.namespace && matchesSelector(spec.podSelector, target.labels),
  );
  if (selecting.length === 0) return true;
  return selecting.some(({ spec }) =>
    spec.ingress.some(
      ({ from, ports }) =>
        (!from || from.some((peer) => matchesSource(peer, source, target.namespace))) &&
        (!ports || ports.some((each) => port === `${each.port}/${each.protocol}`)),
    ),
  );
}

function matchesSource(
  { podSelector = {}, namespaceSelector }: NonNullable<IngressPolicy["spec"]["ingress"][number]["from"]>[number],
  source: Pod | undefined,
  namespace: string,
): boolean {
  if (!source) return false;
  const isNear = namespaceSelector
    ? matchesSelector(namespaceSelector, { "kubernetes.io/metadata.name": source.namespace })
    : source.namespace === namespace;
  return isNear && matchesSelector(podSelector, source.labels);
}

test.each([
  // CoreDNS and the metrics server serve everyone, on their ports only.
  ["shop/web", "kube-system/kube-dns", "53/UDP", true],
  ["shop/web", "kube-system/kube-dns", "53/TCP", true],
  ["shop/web", "kube-system/kube-dns", "9153/TCP", false],
  [undefined, "kube-system/kube-dns", "53/UDP", true],
  [undefined, "kube-system/metrics-server", "10250/TCP", true],
  ["shop/web", "kube-system/metrics-server", "8080/TCP", false],
  // Everything else is reached from its own namespace only.
  ["shop/web", "kube-system/other", "80/TCP", false],
  ["kube-system/any", "kube-system/other", "80/TCP", true],
  ["kube-system/any", "kube-system/kube-dns", "9153/TCP", true],
  ["shop/web", "default/any", "80/TCP", false],
  ["default/web", "default/any", "80/TCP", true],
  ["default/web", "kube-public/any", "80/TCP", false],
  // Other namespaces are not affected.
  ["default/web", "shop/web", "80/TCP", true],
])("a connection from %s to %s at %s is allowed: %s", (source, target, port, allowed) => {
  const from = source === undefined ? undefined : pod(source);
  expect(isAllowed(policiesOf(), from, pod(target), port)).toBe(allowed);
});

test("a cluster with an exception has no such policies", () => {
  const exceptions = [{ setting: "network-policies", reason: "a test" }] as const;
  expect(policiesOf()).not.toEqual([]);
  expect(policiesOf({ hardening: { exceptions } })).toEqual([]);
});

test("an existing cluster has none: others run programs in its namespaces", () => {
  expect(policiesOf({ kubeconfig: { path: "kubeconfig" } })).toEqual([]);
});
