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
import { expectLinear } from "../support/linear-time";
import { configMap, container, podSpec, workload } from "./cases/case";

jest.setTimeout(120_000);

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "skerry-hostile-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const check = (objects: readonly KubeObject[]) =>
  evaluate(
    rules,
    { clusters: [{ kubernetesVersion: "1.36.3", objects }] },
    { environment: "default", today: "2026-11-24" },
  );

/** Returns a text of at least the given length that repeats a piece. */
const repeat = (piece: string, size: number): string => piece.repeat(Math.ceil(size / piece.length));

/** Strings that a secret form's expression may start to match again and again, without a complete match. */
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

test.each(PIECES)("a text that repeats %j is checked in linear time", (piece) => {
  expectLinear((size) => {
    const text = repeat(piece, size);
    const hinted = `${text}${SECRET_FORMS.map(({ hints }) => hints[0]!).join(" ")}`;
    const objects = [
      configMap({ "mosquitto.conf": `listener 1\n${text}`, a: text, b: hinted, PASSWORD: text }),
      workload("Pod", podSpec({ containers: [container({ image: text, args: [text, hinted, `--${text}`] })] })),
    ];
    return () => check(objects);
  }, 40_000);
});

test("a text that repeats any sequence of such strings is checked in linear time", () => {
  const piece = fc.array(fc.constantFrom(...PIECES, "a", "-", ".", "_", ":", "@", "/", "A", "0"), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(piece, (parts) => {
      expectLinear((size) => {
        const text = repeat(parts.join(""), size);
        return () => check([configMap({ a: `AKIA.eyJ::server:-----BEGIN ://${text}` })]);
      }, 40_000);
    }),
    { numRuns: 60, seed: 1 },
  );
});

/** Patterns that take exponential time in a backtracking engine. */
const PATTERNS = [
  "^(a+)+$",
  "^([a-z0-9]+[.-]?)+$",
  "^(a|aa)+$",
  "^(a|a?)+$",
  "(x+x+)+y",
  "^(([a-z])+.)+[A-Z]([a-z])+$",
];

test.each(PATTERNS)("a custom resource with the pattern %s is validated in linear time", (pattern) => {
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
    return () => check([definition, robot]);
  }, 40_000);
});

/** Returns the work of reading a text as a file and locating fields in every document. */
const prepareRead = (text: string) => {
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

test("a file that repeats any sequence of YAML tokens is read in linear time", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...YAML), { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, open) => {
      expectLinear((size) => prepareRead(`${HEAD}  a: ${open ? '"' : ""}${repeat(parts.join(""), size)}`), 40_000);
    }),
    { numRuns: 150, seed: 1 },
  );
});

test.each<[string, (size: number) => string]>([
  ["merges of one mapping", (size) => `a: &a {${repeat("k: 1, ", 500)}}\nb:\n${repeat("- {<<: *a}\n", size)}`],
  ["doubled keys", (size) => HEAD + repeat("  a: 1\n", size)],
  ["many keys", (size) => HEAD + Array.from({ length: size / 10 }, (_, index) => `  k${index}: ""\n`).join("")],
  [
    "a list of objects",
    (size) =>
      `apiVersion: v1\nkind: List\nitems:\n${repeat(`- ${JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } })}\n`, size)}`,
  ],
  ["JSON objects", (size) => repeat('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}', size)],
  ["JSON that does not end", (size) => repeat('{"a":{"b":"', size)],
  ["documents", (size) => repeat(`---\n${HEAD}`, size / 4)],
  ["lines without a document", (size) => repeat("---x\n", size)],
])("a file with %s is read in linear time", (_name, text) => expectLinear((size) => prepareRead(text(size)), 40_000));

test("findings that alternate between files are located in linear time", () => {
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
          places: {
            object: (object, path) => ({ source: { file: "a", ...where.get(object)!.place(pathSteps(path)) } }),
          },
        },
      );
    };
  }, 250);
});

test.each(["`", "`a", "|", "\u202e", "@", "www."])(
  "a report about an object whose name repeats %j is rendered in linear time",
  (piece) => {
    expectLinear((size) => {
      const kind = repeat(piece, size);
      const report = check([{ apiVersion: kind, kind, metadata: { name: kind } }]);
      return () => [markdownReport(report), tableReport(report, true)];
    }, 40_000);
  },
);
