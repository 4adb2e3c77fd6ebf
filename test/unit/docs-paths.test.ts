import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";

/** Inline code of Markdown. */
const CODE = /`([^`\n]+)`/g;
/** A path into the repository, without placeholders. */
const PATH =
  /^(bench|charts|cli|components|docs|examples|exports|fleet|placement|policies|preview|runtime|scripts|stacks|templates|test|toolchain)\/[\w.*/-]+$/;

/** Files that guides let the reader create, and patterns of a reader's repository. */
const EXAMPLES = new Set([
  "runtime/apis/config/v1/node_role.go",
  "runtime/pkg/plugins/noderole/",
  "docs/**/*.yaml",
  "stacks/charts.ts",
]);

const findDocuments = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.startsWith("api/"))
    .map((path) => `${folder}/${path}`);

/** Reports whether a file exists; its name may contain `*`. */
function exists(path: string): boolean {
  if (!path.includes("*")) return existsSync(path);
  const name = new RegExp(`^${basename(path).replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  return existsSync(dirname(path)) && readdirSync(dirname(path)).some((each) => name.test(each));
}

const documents = ["README.md", "CONTRIBUTING.md", ...findDocuments("docs"), ...findDocuments("runtime")];

test.each(documents)("%s names only files of the repository", (document) => {
  const paths = [...readFileSync(document, "utf8").matchAll(CODE)]
    .map(([, code]) => code!)
    .filter((code) => PATH.test(code));
  const missing = paths.filter((path) => !EXAMPLES.has(path) && !exists(path));
  expect(missing).toEqual([]);
});
