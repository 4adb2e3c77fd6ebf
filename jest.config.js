const swc = [
  "@swc/jest",
  { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
];

/** Packages that are ECMAScript modules only; Jest runs CommonJS. */
const esm = ["@kubernetes/client-node", "jose", "oauth4webapi", "openid-client"];

/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  // Only ends tests that hang: the machine may be busy.
  testTimeout: 120_000,
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "^.+\\.[jt]s$": swc },
  transformIgnorePatterns: [`/node_modules/(?!(${esm.join("|")})/)`],
};
