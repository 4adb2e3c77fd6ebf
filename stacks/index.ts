import * as pulumi from "@pulumi/pulumi";
const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs: any) {
    const path = require("node:path");
    const info = { cwd: process.cwd(), main: process.argv.join(" "), dir: __dirname };
    return { id: "x", outs: { info, paths: require.resolve.paths("foo") } };
  },
};
class R extends pulumi.dynamic.Resource {
  declare readonly info: pulumi.Output<any>;
  declare readonly paths: pulumi.Output<any>;
  constructor(name: string) { super(provider, name, { info: undefined, paths: undefined }); }
}
const r = new R("x");
export const info = r.info; export const paths = r.paths; export const cwd = process.cwd();
