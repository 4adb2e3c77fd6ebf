import { scalarValue } from "../../fleet/kubernetes/scalars";
import { readDocument } from "../../fleet/kubernetes/yaml";

/** What sigs.k8s.io/yaml v1.6.0 makes of `a: <scalar>`, as JSON. */
const SCALARS: readonly (readonly [unknown, string])[] = [
  [0, "0 00 000 -0 0x0"],
  [420, "0644 0o644 0O644"],
  [15, "0O17 0xf 0XF 0b1111 0B1111 15"],
  [-15, "-0o17 -017 -0b1111 -0xF -15"],
  [7, "0_7 007 +7"],
  [899, "0899"],
  [1000, "1e3 1E3 1e+3 1_000 1__000 1000."],
  [0.5, ".5 .5_0 0.5 +.5"],
  [-0.5, "-.5"],
  [6.85e28, "685e26"],
  [685230.15, "685_230.15"],
  [2 ** 63, "9223372036854775807 9223372036854775808 +9223372036854775808"],
  [2 ** 64, "18446744073709551615 0xffffffffffffffff 18446744073709551616"],
  [1e20, "99999999999999999999"],
  [0, "1e-400"],
  [true, "y Y yes Yes YES on On ON true True TRUE"],
  [false, "n N no No NO off Off OFF false False FALSE"],
  [null, "~ null Null NULL"],
];
/** Those that stay text. */
const TEXTS =
  "1234e567 1e400 -1e400 .1e999 yEs oFF tRue nULL inf Inf nan NaN 2026-11-24 2026-11-24T10:00:00Z 22:22 190:20:30.15 = + . .. -. " +
  "1.2.3 1e e1 0o8 0o 0x 0b2 _1 ._5 0x1ffffffffffffffff 0o644.5 1,000 v1 <<";

test.each(SCALARS)("%j is written %s", (value, written) => {
  for (const text of written.split(" ")) expect([text, scalarValue(text)]).toEqual([text, value]);
});

test.each(TEXTS.split(" "))("%s is text", (text) => expect(scalarValue(text)).toBe(text));

test.each<[string, unknown]>([
  [
    "a: 0o644\nb: '0644'\nc: !!str 5\nd: !Ref x\ne: !!binary aGk=\nf: !!float 1",
    { a: 420, b: "0644", c: "5", d: "x", e: "hi", f: 1 },
  ],
  ["1: a\nyes: b\n1.5: c\n", { "1": "a", true: "b", "1.5": "c" }],
  // A merge overwrites what stands above it; of several, the first counts most.
  ["k: &k {a: 1, b: 1}\nl: {a: 0, <<: *k, b: 2}", { k: { a: 1, b: 1 }, l: { a: 1, b: 2 } }],
  ["a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc:\n  <<: [*a, *b]", { a: { k: 1 }, b: { k: 2, l: 2 }, c: { k: 1, l: 2 } }],
  ["'<<': 1", { "<<": 1 }],
  ["a: 1\na: 2\n", { a: 2 }],
  ['a:\n  - |\n    b\n  - >-\n    c\n    d\n  - "e\\u0041"\n', { a: ["b\n", "c d", "eA"] }],
  ["", null],
  ["# nothing\n", null],
])("%j is %j", (text, value) => expect(readDocument(text).value).toEqual(value));

test("a field may have any name", () => {
  const { value } = readDocument("__proto__: {a: 1}\nconstructor: b\n");
  expect(Object.entries(value as object)).toEqual([
    ["__proto__", { a: 1 }],
    ["constructor", "b"],
  ]);
});
