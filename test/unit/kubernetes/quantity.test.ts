import { cpuCores, memoryMiB, parseQuantity } from "../../../fleet/kubernetes/quantity";

const UNIT = 10n ** 9n;

test.each([
  ["0", 0n],
  ["1.5", (3n * UNIT) / 2n],
  ["-1.5", (-3n * UNIT) / 2n],
  ["+.5", UNIT / 2n],
  ["250m", UNIT / 4n],
  ["1k", 1000n * UNIT],
  ["1Ki", 1024n * UNIT],
  ["1.5Gi", 3n * 2n ** 29n * UNIT],
  ["1e3", 1000n * UNIT],
  ["1E-3", UNIT / 1000n],
  ["1E", 10n ** 18n * UNIT],
  ["0.1n", 1n],
  ["16Ei", (2n ** 63n - 1n) * UNIT],
  ["9007199254740993", 9007199254740993n * UNIT],
  ["m", 0n],
  [2, 2n * UNIT],
])("%p is a quantity", (text, nanos) => expect(parseQuantity(text)).toBe(nanos));

test.each(["", "64MB", "1ki", "1K", "1e", "1.2.3", "1 Gi", "Ei", "NaN", null, undefined, Number.NaN, {}])(
  "%p is not a quantity",
  (value) => expect(parseQuantity(value)).toBeUndefined(),
);

test("huge exponents do not take long", () => {
  expect(parseQuantity("1e1000000000")).toBeGreaterThanOrEqual(10n ** 400n);
  expect(parseQuantity("1e-1000000000")).toBe(1n);
});

test("a fleet's quantities may have any notation that Kubernetes has", () => {
  expect([cpuCores("250m"), cpuCores("2e-1"), cpuCores("1k"), cpuCores("0"), cpuCores("much")]).toEqual([
    0.25,
    0.2,
    1000,
    undefined,
    undefined,
  ]);
  expect([memoryMiB("64Mi"), memoryMiB("1e6"), memoryMiB("1Pi"), memoryMiB("64m"), memoryMiB("-1Gi")]).toEqual([
    64,
    1e6 / 2 ** 20,
    2 ** 30,
    undefined,
    undefined,
  ]);
});
