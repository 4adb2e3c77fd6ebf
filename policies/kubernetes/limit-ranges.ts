import type { V1Container, V1LimitRangeItem, V1PodSpec } from "@kubernetes/client-node";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** Quantities by the name of the resource. */
type Quantities = Readonly<Record<string, string>>;

/** What containers get that state nothing themselves. */
interface Defaults {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

const NOTHING: Defaults = { requests: {}, limits: {} };

/** Source: Kubernetes' SetDefaults_LimitRangeItem. What is stated first goes last, and so takes precedence. */
function defaultsOf({ type, max, min, defaultRequest, _default, ...rest }: V1LimitRangeItem): Defaults {
  if (type !== "Container") return NOTHING;
  // The client's types call it `_default`, objects `default`.
  const stated = _default ?? (rest as { readonly default?: Quantities }).default;
  const limits = { ...max, ...stated };
  return { limits, requests: { ...min, ...limits, ...defaultRequest } };
}

/** What the LimitRanges among some objects fill in, by namespace. Several of one namespace: the first takes precedence. */
export class LimitRanges {
  private readonly defaults = new Map<string, Defaults>();

  constructor(objects: readonly KubeObject[], namespaceOf: (object: KubeObject) => string) {
    for (const object of objects) {
      if (object.kind !== "LimitRange" || object.apiVersion !== "v1") continue;
      const { limits } = (object.spec ?? {}) as { readonly limits?: readonly V1LimitRangeItem[] | null };
      const namespace = namespaceOf(object);
      for (const { requests, limits: most } of (limits ?? []).map(defaultsOf)) {
        const before = this.defaults.get(namespace) ?? NOTHING;
        this.defaults.set(namespace, {
          requests: { ...requests, ...before.requests },
          limits: { ...most, ...before.limits },
        });
      }
    }
  }

  /** A pod's spec as the API server stores it: with the defaults of its namespace in its containers. */
  filled(namespace: string, pod: V1PodSpec): V1PodSpec {
    const defaults = this.defaults.get(namespace);
    if (defaults === undefined) return pod;
    const fill = (container: V1Container): V1Container => {
      const { requests, limits } = container.resources ?? {};
      const resources = {
        ...container.resources,
        // A limit that is stated counts as the request before any default does.
        requests: { ...defaults.requests, ...limits, ...requests },
        limits: { ...defaults.limits, ...limits },
      };
      return { ...container, resources };
    };
    return {
      ...pod,
      containers: (pod.containers ?? []).map(fill),
      ...(pod.initContainers && { initContainers: pod.initContainers.map(fill) }),
    };
  }
}
