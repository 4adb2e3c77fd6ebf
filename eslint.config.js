// @ts-check
const js = require("@eslint/js");
const tseslint = require("typescript-eslint");

/** Which folders each folder may import from: the table of docs/structure.md. */
const arrows = {
  fleet: [],
  placement: ["fleet"],
  charts: ["fleet", "placement", "policies"],
  policies: ["fleet"],
  preview: ["fleet", "charts", "policies"],
  components: ["fleet", "charts", "policies"],
  stacks: ["fleet", "placement", "charts", "policies", "preview", "components"],
};
const folders = [...Object.keys(arrows), "cli", "exports", "test", "bench"];
/** Folders that run without a cloud, credentials or state. */
const withoutPulumi = ["fleet", "placement", "charts", "policies", "preview"];

/** What rules meet Pulumi's engine by. */
const policyPack = ["policies/pack.ts", "policies/plan/**/*.ts"];

const arrowRules = Object.entries(arrows).flatMap(([folder, allowed]) => {
  const refused = folders.filter((other) => other !== folder && !allowed.includes(other));
  const arrow = {
    group: refused.flatMap((other) => [`**/../${other}`, `**/../${other}/**`]),
    message: `${folder}/ may import ${allowed.join(", ") || "nothing of ours"}: see docs/structure.md.`,
  };
  const pulumi = { group: ["@pulumi/*"], message: `${folder}/ runs without Pulumi: an Output must never reach it.` };
  const refuse = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });
  const files = [`${folder}/**/*.ts`];
  if (!withoutPulumi.includes(folder)) return [{ files, rules: refuse(arrow) }];
  return [
    { files, ignores: policyPack, rules: refuse(arrow, pulumi) },
    { files: policyPack.filter((file) => file.startsWith(folder)), rules: refuse(arrow) },
  ].filter((each) => each.files.length > 0);
});

module.exports = tseslint.config(
  { ignores: ["node_modules/", ".skerry/", "dist/", "examples/", "templates/", "**/*.generated.ts", "coverage/"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ["*.js"] }, tsconfigRootDir: __dirname },
    },
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      eqeqeq: "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // What an interface wants as a promise may have nothing to wait for.
      "@typescript-eslint/require-await": "off",
    },
  },
  { files: ["*.js", "bin/*", "scripts/*.mjs"], ...tseslint.configs.disableTypeChecked },
  { files: ["scripts/*.mjs"], rules: { "@typescript-eslint/explicit-module-boundary-types": "off" } },
  {
    files: ["*.js", "bin/*.js"],
    languageOptions: {
      globals: {
        require: "readonly",
        module: "writable",
        exports: "writable",
        __dirname: "readonly",
        __filename: "readonly",
      },
    },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    // Tests break typed things on purpose.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
    },
  },
  {
    // Pulumi serialises the text of a function in dynamic.ts, so it requires when it runs. environments.ts loads a cloud's
    // library only in stacks that use it.
    files: ["components/dynamic.ts", "stacks/environments.ts"],
    rules: { "@typescript-eslint/no-require-imports": "off", "@typescript-eslint/consistent-type-imports": "off" },
  },
  ...arrowRules,
);
