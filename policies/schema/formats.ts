import { parseQuantity } from "../../fleet/kubernetes/quantity";

const TIME =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Whether a value keeps a format. One of texts says nothing about numbers, and the other way round. */
type Format = (value: string | number) => boolean;

const text =
  (keeps: (value: string) => boolean): Format =>
  (value) =>
    typeof value !== "string" || keeps(value);
const within =
  (least: number, most: number): Format =>
  (value) =>
    typeof value !== "number" || (value >= least && value <= most);

/** Formats of the OpenAPI schemas of Kubernetes. Others, which only CRDs name, are left to the API server. */
export const formats: Readonly<Partial<Record<string, Format>>> = {
  quantity: text((value) => parseQuantity(value) !== undefined),
  "date-time": text((value) => TIME.test(value)),
  byte: text((value) => BASE64.test(value.replace(/[\r\n]/g, ""))),
  int32: within(-(2 ** 31), 2 ** 31 - 1),
  int64: within(-(2 ** 63), 2 ** 63),
};

/** What a format allows, for people. */
export const FORMAT_RULES: Readonly<Record<string, string>> = {
  quantity: "a quantity, as 250m, 64Mi or 2",
  "date-time": "a time, as 2026-11-24T09:00:00Z",
  byte: "base64",
  int32: "a whole number of 32 bits",
  int64: "a whole number of 64 bits",
};
