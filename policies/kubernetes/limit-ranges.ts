import type { V1Container, V1LimitRangeItem, V1PodSpec } from "@kubernetes/client-node";

import { type KubeObject, namespaceOf } from "../../fleet/kubernetes/object";

/** Quantities by resource name. */
type Quantities = Readonly<Record<string, string>>;

/** Requests and limits of containers that declare none. */
interface Defaults {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

const NO_DEFAULTS: Defaults = { requests: {}, limits: {} };

/** @see Kubernetes' SetDefaults_LimitRangeItem */
function defaultsOf({ type, max, min, defaultRequest, _default, ...rest }: V1LimitRangeItem): Defaults {
  if (type !== "Container") return NO_DEFAULTS;
  // The client's type has the field as `_default`, objects as `default`.
  const defaultLimit = _default ?? (rest as { readonly default?: Quantities }).default;
  const limits = { ...max, ...defaultLimit };
  return { limits, requests: { ...min, ...limits, ...defaultRequest } };
}

/** The defaults of LimitRanges, by namespace. If a namespace has several, the first one takes precedence. */
export class LimitRanges {
  private readonly defaults = new Map<string, Defaults>();

  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) {
      if (object.kind !== "LimitRange" || object.apiVersion !== "v1") continue;
      const { limits } = (object.spec ?? {}) as { readonly limits?: readonly V1LimitRangeItem[] | null };
      const namespace = namespaceOf(object);
      for (const next of (limits ?? []).map(defaultsOf)) {
        const first = this.defaults.get(namespace) ?? NO_DEFAULTS;
        this.defaults.set(namespace, {
          requests: { ...next.requests, ...first.requests },
          limits: { ...next.limits, ...first.limits },
        });
      }
    }
  }

  /** Returns a pod spec as the API server stores it: its containers have the defaults of the namespace. */
  applyTo(namespace: string, pod: V1PodSpec): V1PodSpec {
    const defaults = this.defaults.get(namespace);
    if (defaults === undefined) return pod;
    const withDefaults = (container: V1Container): V1Container => {
      const { requests, limits } = container.resources ?? {};
      const resources = {
        ...container.resources,
        // A container's own limit is its default request, before those of the namespace.
        requests: { ...defaults.requests, ...limits, ...requests },
        limits: { ...defaults.limits, ...limits },
      };
      return { ...container, resources };
    };
    return {
      ...pod,
      containers: (pod.containers ?? []).map(withDefaults),
      ...(pod.initContainers && { initContainers: pod.initContainers.map(withDefaults) }),
    };
  }
}
