import type { Link } from "./model";

/** Source of the measurements. */
export const MEASURED_BY = "IBM Cloud VPC documentation, average round trip between regions, 27 July to 25 August 2024";

/** Last day of the measurements. */
const MEASURED_AT = "2024-08-25";

/** Average round-trip time in ms, by source and destination. The two directions differ slightly. */
const ROUND_TRIPS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  dallas: {
    frankfurt: 123,
    london: 113,
    madrid: 119,
    osaka: 150,
    "sao-paulo": 146,
    sydney: 186,
    tokyo: 143,
    toronto: 34,
    "washington-dc": 31,
  },
  frankfurt: {
    dallas: 123,
    london: 13,
    madrid: 29,
    osaka: 232,
    "sao-paulo": 198,
    sydney: 250,
    tokyo: 233,
    toronto: 93,
    "washington-dc": 91,
  },
  london: {
    dallas: 113,
    frankfurt: 13,
    madrid: 27,
    osaka: 244,
    "sao-paulo": 188,
    sydney: 261,
    tokyo: 243,
    toronto: 83,
    "washington-dc": 75,
  },
  madrid: {
    dallas: 122,
    frankfurt: 29,
    london: 27,
    osaka: 257,
    "sao-paulo": 209,
    sydney: 275,
    tokyo: 258,
    toronto: 106,
    "washington-dc": 88,
  },
  osaka: {
    dallas: 150,
    frankfurt: 231,
    london: 243,
    madrid: 257,
    "sao-paulo": 293,
    sydney: 122,
    tokyo: 9,
    toronto: 169,
    "washington-dc": 172,
  },
  "sao-paulo": {
    dallas: 144,
    frankfurt: 196,
    london: 187,
    madrid: 208,
    osaka: 291,
    sydney: 328,
    tokyo: 283,
    toronto: 128,
    "washington-dc": 119,
  },
  sydney: {
    dallas: 186,
    frankfurt: 249,
    london: 261,
    madrid: 275,
    osaka: 122,
    "sao-paulo": 328,
    tokyo: 115,
    toronto: 214,
    "washington-dc": 214,
  },
  tokyo: {
    dallas: 143,
    frankfurt: 233,
    london: 244,
    madrid: 256,
    osaka: 9,
    "sao-paulo": 284,
    sydney: 115,
    toronto: 162,
    "washington-dc": 166,
  },
  toronto: {
    dallas: 34,
    frankfurt: 93,
    london: 82,
    madrid: 108,
    osaka: 168,
    "sao-paulo": 129,
    sydney: 215,
    tokyo: 162,
    "washington-dc": 19,
  },
  "washington-dc": {
    dallas: 31,
    frankfurt: 91,
    london: 75,
    madrid: 87,
    osaka: 172,
    "sao-paulo": 118,
    sydney: 214,
    tokyo: 164,
    toronto: 19,
  },
};

/** Measured links between all {@link cloudRegions}, in both directions. */
export const measuredLinks: readonly Link[] = Object.entries(ROUND_TRIPS).flatMap(([from, row]) =>
  Object.entries(row).map(([to, rttMs]): Link => ({
    from,
    to,
    rttMs,
    basis: "measured",
    source: MEASURED_BY,
    at: MEASURED_AT,
  })),
);
