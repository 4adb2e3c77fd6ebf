import type * as pulumi from "@pulumi/pulumi";

/** What a module that carries out a dynamic resource exports; what it leaves out falls back to Pulumi's default. */
export type Operations<Inputs, Outputs> = pulumi.dynamic.ResourceProvider<Inputs, Outputs>;

/**
 * A provider whose operations live in a module of Skerry and are loaded when they run.
 *
 * Pulumi keeps a dynamic provider's code inside every resource's state. A provider with the code itself in it would
 * show each of its resources as changed after any edit; this one only holds the module's name.
 *
 * @param module path from Skerry's top, without ending, e.g. `components/clusters/authority-operations`;
 *   it exports `operations`.
 */
export function operationsIn(module: string): pulumi.dynamic.ResourceProvider {
  const load = (): Operations<unknown, unknown> => {
    // The engine runs dynamic providers in the folder of the program: Skerry is what that folder's imports find.
    const { createRequire } = require("node:module") as typeof import("node:module");
    const fromProgram = createRequire(`${process.cwd()}/program.js`);
    const skerry = fromProgram("skerry/load") as { load(module: string): unknown };
    return (skerry.load(module) as { operations: Operations<unknown, unknown> }).operations;
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
