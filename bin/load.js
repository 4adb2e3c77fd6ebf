// Resolves modules of Skerry by their path in the package, without extension: to the source in a checkout, which tsx
// compiles, or to the compiled file in an installed package.
const { join, sep } = require("node:path");

const top = join(__dirname, "..");
const installed = top.split(sep).includes("node_modules");

/** @param {string} module path such as `components/clusters/authority-operations` */
exports.file = (module) => (installed ? join(top, "dist", `${module}.js`) : join(top, `${module}.ts`));

/** @param {string} module path as above */
exports.load = (module) =>
  installed ? require(exports.file(module)) : require("tsx/cjs/api").require(exports.file(module), __filename);
