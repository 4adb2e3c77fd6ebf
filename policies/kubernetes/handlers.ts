import type { V1Container, V1LifecycleHandler } from "@kubernetes/client-node";

import type { At } from "../../fleet/kubernetes/containers";

/** The paths in a container of its probes and lifecycle handlers, all of which a kubelet calls. */
const HANDLERS = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
] as const;

/** Returns the probes and lifecycle handlers that a container has. Both have the same actions. */
export function handlersOf({ value, path }: At<V1Container>): At<V1LifecycleHandler>[] {
  return HANDLERS.flatMap((steps) => {
    const handler = steps.reduce<unknown>(
      (at, step) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[step],
      value,
    );
    return handler
      ? [{ value: handler, path: (...further: readonly PropertyKey[]) => path(...steps, ...further) }]
      : [];
  });
}

/** Returns the CEL of an optional field of each handler of a container `c`. */
export const handlerFields = (...fields: readonly string[]): readonly string[] =>
  HANDLERS.map((steps) => `c.?${[...steps, ...fields].join(".?")}`);
