import type { V1Container, V1LifecycleHandler } from "@kubernetes/client-node";

import type { At } from "./pods";

/** What a kubelet calls of a container: its probes and lifecycle handlers, by the fields that lead to them. */
export const HANDLERS = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
] as const;

/** Those that a container has. A probe is called in the same ways as a lifecycle handler. */
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

/** The optional field at the end of `fields` of each handler of a container `c`, in CEL. */
export const handlerFields = (...fields: readonly string[]): readonly string[] =>
  HANDLERS.map((steps) => `c.?${[...steps, ...fields].join(".?")}`);
