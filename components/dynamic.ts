import type * as pulumi from "@pulumi/pulumi";

/** What a module that carries out a dynamic resource exports; what it leaves out falls back to Pulumi's default. */
export type Operations<Inputs, Outputs> = pulumi.dynamic.ResourceProvider<Inputs, Outputs>;

/**
 * A provider whose operations live in a module of this project and are loaded when they run.
 *
 * Pulumi keeps a dynamic provider's code inside every resource's state. A provider with the code itself in it would
 * show each of its resources as changed after any edit; this one only holds the module's name.
 *
 * @param module path from the project's top, without ending, e.g. `components/clusters/authority-operations`;
 *   it exports `operations`.
 */
export function operationsIn(module: string): pulumi.dynamic.ResourceProvider {
  const load = (): Operations<unknown, unknown> => {
    // The engine runs dynamic providers in the folder of the program, one below the top.
    const path = require("node:path") as typeof import("node:path");
    const tsx = require("tsx/cjs/api") as typeof import("tsx/cjs/api");
    const top = path.dirname(process.cwd());
    const loaded = tsx.require(`${top}/${module}.ts`, `${top}/package.json`) as {
      operations: Operations<unknown, unknown>;
    };
    return loaded.operations;
  };
  return {
    check: async (olds: unknown, news: unknown) => load().check?.(olds, news) ?? { inputs: news },
    diff: async (id: string, olds: unknown, news: unknown) => load().diff?.(id, olds, news) ?? {},
    create: async (inputs: unknown) => load().create(inputs),
    read: async (id: string, props: unknown) => load().read?.(id, props) ?? { id, props },
    update: async (id: string, olds: unknown, news: unknown) => load().update?.(id, olds, news) ?? { outs: news },
    delete: async (id: string, props: unknown) => load().delete?.(id, props),
  };
}
