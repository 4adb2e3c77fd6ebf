import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import type { KubeObject } from "../../../fleet/kubernetes/object";
import { pathSteps } from "../../../fleet/problem";
import { evaluate } from "../../../policies/engine/evaluate";
import { readManifests } from "../../../policies/manifests/read";
import { markdownReport } from "../../../policies/reports/markdown";
import { tableReport } from "../../../policies/reports/table";
import { rules } from "../../../policies/rules";
import { SECRET_FORMS } from "../../../policies/kubernetes/secret-forms";
import { configMap, container, podSpec, workload } from "./cases/case";

jest.setTimeout(120_000);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "skerry-hostile-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Milliseconds of processor. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** How much larger the larger input is. */
const TIMES = 8;
/** Less than this says nothing about growth: a quadratic algorithm takes seconds over the larger input. */
const LITTLE = 250;
/** Between what linear work takes, 8 times as long, and quadratic work, 64 times. */
const MOST = 3 * TIMES;

/** Holds work over two sizes of an input to time that grows with the size. */
function expectLinear(work: (size: number) => () => unknown, size: number): void {
  const [small, large] = [work(size), work(TIMES * size)];
  let growth = Infinity;
  // Once more where another process took the caches.
  for (let attempt = 0; attempt < 3 && growth >= MOST; attempt += 1) {
    const took = cost(large);
    growth = took <= LITTLE ? 0 : took / cost(small);
  }
  expect(growth).toBeLessThan(MOST);
}

const judge = (objects: readonly KubeObject[]) =>
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects }] },
    { environment: "default", today: "2026-11-24" },
  );

/** A text of a size, of a piece that repeats. */
const repeated = (piece: string, size: number): string => piece.repeat(Math.ceil(size / piece.length));

/** What a form's expression may begin with, over and over, and never end. */
const PIECES = [
  ...SECRET_FORMS.flatMap(({ hints }) => hints),
  ...[
    "-----BEGIN RSA ",
    "BEGIN ",
    "eyJ",
    ".eyJ",
    "eyJa.eyJa.",
    "eyJ-",
    "://",
    "://a:",
    "://a:b",
    "://a.~-:bcd",
    "K10",
    "::server:",
  ],
  ...[
    "\n",
    " ",
    "=",
    "<",
    "${",
    "{{",
    "$(",
    "../",
    "PASSWORD",
    "--PASSWORD",
    "-PASSWORD=",
    "listener 1",
    "\nlistener ",
    "\nkind:",
  ],
];

test.each(PIECES)("a text of %j over and over", (piece) => {
  expectLinear((size) => {
    const text = repeated(piece, size);
    const hinted = `${text}${SECRET_FORMS.map(({ hints }) => hints[0]!).join(" ")}`;
    const objects = [
      configMap({ "mosquitto.conf": `listener 1\n${text}`, a: text, b: hinted, PASSWORD: text }),
      workload("Pod", podSpec({ containers: [container({ image: text, args: [text, hinted, `--${text}`] })] })),
    ];
    return () => judge(objects);
  }, 40_000);
});

test("a text of two pieces in any order", () => {
  const piece = fc.array(fc.constantFrom(...PIECES, "a", "-", ".", "_", ":", "@", "/", "A", "0"), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(piece, (parts) => {
      expectLinear((size) => {
        const text = repeated(parts.join(""), size);
        return () => judge([configMap({ a: `AKIA.eyJ::server:-----BEGIN ://${text}` })]);
      }, 40_000);
    }),
    { numRuns: 60, seed: 1 },
  );
});

/** Patterns that take exponential time where an expression is tried out. */
const PATTERNS = [
  "^(a+)+$",
  "^([a-z0-9]+[.-]?)+$",
  "^(a|aa)+$",
  "^(a|a?)+$",
  "(x+x+)+y",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
];

test.each(PATTERNS)("a value of a custom kind with the pattern %s", (pattern) => {
  const properties = { spec: { type: "object", properties: { a: { type: "string", pattern } } } };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "robots.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "Robot" },
      versions: [{ name: "v1", schema: { openAPIV3Schema: { type: "object", properties } } }],
    },
  };
  expectLinear((size) => {
    const a = `${pattern.includes("x") ? "x".repeat(size) : "a".repeat(size)}!`;
    const robot = { apiVersion: "example.com/v1", kind: "Robot", metadata: { name: "a" }, spec: { a } };
    return () => judge([definition, robot]);
  }, 40_000);
});

/** Reads a text, and asks for the places of all of it. */
const reading = (text: string) => {
  const file = join(folder, `${text.length}.yaml`);
  writeFileSync(file, text);
  return () => {
    const read = readManifests([file]);
    for (const { place } of read.manifests)
      for (const path of ["", "data", "data.a", "spec.x[3]"]) place(pathSteps(path));
    return read;
  };
};

const HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n";
const YAML = [
  "a",
  " ",
  "\n",
  "- ",
  ": ",
  "? ",
  "'",
  '"',
  "[",
  "{",
  "}",
  "]",
  "&a ",
  "*a ",
  "#",
  "|\n ",
  ">\n",
  "---\n",
  "...\n",
  "!a ",
  "<<: ",
  ",",
  "\\",
  "%",
  "\t",
  "é",
];

test("a file of YAML's pieces in any order", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...YAML), { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, open) => {
      expectLinear((size) => reading(`${HEAD}  a: ${open ? '"' : ""}${repeated(parts.join(""), size)}`), 40_000);
    }),
    { numRuns: 150, seed: 1 },
  );
});

test.each<[string, (size: number) => string]>([
  ["merges of one mapping", (size) => `a: &a {${repeated("k: 1, ", 500)}}\nb:\n${repeated("- {<<: *a}\n", size)}`],
  ["doubled keys", (size) => HEAD + repeated("  a: 1\n", size)],
  ["many keys", (size) => HEAD + Array.from({ length: size / 10 }, (_, index) => `  k${index}: ""\n`).join("")],
  [
    "a list of objects",
    (size) =>
      `apiVersion: v1\nkind: List\nitems:\n${repeated(`- ${JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } })}\n`, size)}`,
  ],
  ["JSON objects", (size) => repeated('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}', size)],
  ["JSON that does not end", (size) => repeated('{"a":{"b":"', size)],
  ["documents", (size) => repeated(`---\n${HEAD}`, size / 4)],
  ["lines without a document", (size) => repeated("---x\n", size)],
])("a file with %s", (_name, text) => expectLinear((size) => reading(text(size)), 40_000));

test("findings in documents that are asked for by turns", () => {
  const list = (letter: string, size: number): string =>
    `apiVersion: v1\nkind: List\nitems:\n${Array.from({ length: size }, (_, index) => `- {apiVersion: v1, kind: ConfigMap, metadata: {name: c${String(index).padStart(6, "0")}${letter}}, dat: {}}\n`).join("")}`;
  expectLinear((size) => {
    const files = ["a", "b"].map((letter) => {
      const file = join(folder, `${letter}-${size}.yaml`);
      writeFileSync(file, list(letter, size));
      return file;
    });
    return () => {
      const { manifests } = readManifests(files);
      const where = new Map(manifests.map((each) => [each.object, each]));
      return evaluate(
        rules,
        { clusters: [{ kubernetesVersion: "1.36.3", objects: [...where.keys()] }] },
        {
          environment: "default",
          today: "2026-11-24",
          locator: {
            object: (object, path) => ({ source: { file: "a", ...where.get(object)!.place(pathSteps(path)) } }),
          },
        },
      );
    };
  }, 250);
});

test.each(["`", "`a", "|", "\u202e", "@", "www."])("a report about objects called %j over and over", (piece) => {
  expectLinear((size) => {
    const kind = repeated(piece, size);
    const report = judge([{ apiVersion: kind, kind, metadata: { name: kind } }]);
    return () => [markdownReport(report), tableReport(report, true)];
  }, 40_000);
});
