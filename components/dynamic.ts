import "./stack-traces";

import * as pulumi from "@pulumi/pulumi";

/** What a module that carries out a dynamic resource exports; what it leaves out falls back to Pulumi's default. */
export type Operations<Inputs, Outputs> = pulumi.dynamic.ResourceProvider<Inputs, Outputs>;

/**
 * A dynamic resource whose operations live in a module of Skerry, which is loaded when they run.
 *
 * Pulumi's own `dynamic.Resource` serializes the code of a provider into the state of each of its resources: that loads
 * the TypeScript compiler into every program, and an edit of the code shows each resource as changed. This one stores
 * one line that names the module, in the form that Pulumi's `cmd/dynamic-provider` reads.
 */
export class DynamicResource extends pulumi.CustomResource {
  /**
   * @param type `module:Type`, e.g. `clusters:Authority`
   * @param operations path from Skerry's top, without ending, of the module that exports `operations`,
   *   e.g. `components/clusters/authority-operations`
   */
  constructor(
    type: string,
    operations: string,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/${type}`, name, { ...props, __provider: loaderOf(operations) }, opts);
  }
}

/** The engine runs dynamic providers in the folder of the program: Skerry is what that folder's imports find. */
function loaderOf(operations: string): string {
  const load = `require("node:module").createRequire(process.cwd()+"/program.js")("skerry/load").load`;
  return `exports.handler=()=>${load}(${JSON.stringify(operations)}).operations`;
}
