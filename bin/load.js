// Where a module of Skerry is, named from its top without ending: in a checkout its source, which tsx reads; in an
// installed package what it was compiled to.
const { join, sep } = require("node:path");

const top = join(__dirname, "..");
const installed = top.split(sep).includes("node_modules");

/** @param {string} module for example `components/clusters/authority-operations` */
exports.file = (module) => (installed ? join(top, "dist", `${module}.js`) : join(top, `${module}.ts`));

/** @param {string} module as above */
exports.load = (module) =>
  installed ? require(exports.file(module)) : require("tsx/cjs/api").require(exports.file(module), __filename);
