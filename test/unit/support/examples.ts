import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../../..");

/** The code of `@example` in a source file's docstrings. */
export function docstringExamples(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/\n \* @example\n((?: \*(?!\/| @).*\n)+)/g)].map(([, code]) =>
    code!.replace(/^ \* ?/gm, ""),
  );
}

/** The TypeScript of a page's code blocks. */
export function pageExamples(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code!);
}

/**
 * What the compiler says of code, each by a name of its own: checked together, as the package's users would write it
 * (`skerry/placement`), for loading the libraries takes longer than the rest.
 */
export function compilerComplaints(examples: Readonly<Record<string, string>>): string[] {
  const files = new Map(Object.entries(examples).map(([name, code]) => [join(root, `${name}.example.ts`), code]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    esModuleInterop: true,
    types: ["node", "jest"],
    paths: { "skerry/*": [join(root, "exports/*.ts")] },
  };
  const host = ts.createCompilerHost(options);
  const onDisk = { ...host };
  host.fileExists = (file) => files.has(file) || onDisk.fileExists(file);
  host.readFile = (file) => files.get(file) ?? onDisk.readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const code = files.get(file);
    return code === undefined
      ? onDisk.getSourceFile(file, ...rest)
      : ts.createSourceFile(file, code, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText, start = 0 }) =>
        `${relative(root, file)}:${(source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1}: ` +
        ts.flattenDiagnosticMessageText(messageText, "\n"),
    );
  });
}
