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
    const top = require("node:path").dirname(process.cwd());
    return require("tsx/cjs/api").require(`${top}/${module}.ts`, `${top}/package.json`).operations;
  };
  return {
    check: async (olds, news) => load().check?.(olds, news) ?? { inputs: news },
    diff: async (id, olds, news) => load().diff?.(id, olds, news) ?? {},
    create: async (inputs) => load().create(inputs),
    read: async (id, props) => load().read?.(id, props) ?? { id, props },
    update: async (id, olds, news) => load().update?.(id, olds, news) ?? { outs: news },
    delete: async (id, props) => load().delete?.(id, props),
  };
}
