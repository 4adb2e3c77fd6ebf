import "./stack-traces";

import * as pulumi from "@pulumi/pulumi";

/** The export of a module that implements a dynamic resource. Absent operations use Pulumi's defaults. */
export type Operations<Inputs, Outputs> = pulumi.dynamic.ResourceProvider<Inputs, Outputs>;

/**
 * A dynamic resource whose operations are in a module of Skerry, which Pulumi loads when it runs them.
 *
 * Pulumi's `dynamic.Resource` serializes the code of the provider into the state of each resource. This loads the
 * TypeScript compiler in every program, and each change of the code shows every resource as changed. This class stores
 * only a line that loads the module, in the format that Pulumi's `cmd/dynamic-provider` reads.
 */
export class DynamicResource extends pulumi.CustomResource {
  /**
   * @param type type of the resource, such as `clusters:Authority`
   * @param operations module that exports `operations`: its path relative to the package, without extension, such as
   *   `components/clusters/authority-operations`
   */
  constructor(
    type: string,
    operations: string,
    name: string,
    props: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/${type}`, name, { ...props, __provider: renderLoader(operations) }, opts);
  }
}

/**
 * Renders the code that loads the operations. Pulumi runs it in the program's folder, so imports resolve from there.
 */
function renderLoader(operations: string): string {
  const load = `require("node:module").createRequire(process.cwd()+"/program.js")("skerry/load").load`;
  return `exports.handler=()=>${load}(${JSON.stringify(operations)}).operations`;
}
