import { z } from "zod";

import { defaults } from "../defaults";
import { MUST_NOT_BE_EMPTY } from "./forms";
import { dnsLabel, hasOne, hostName, secretName, topicFilter } from "./schema-forms";

/** A number without a natural limit. The maximum is far below where numbers lose precision. */
const positive = (max: number, unit: string) =>
  z.number().positive("must be greater than 0").max(max, `must be at most ${max} ${unit}`);

/** Largest message that an outbox keeps. */
const MAX_MESSAGE_BYTES = 1_048_576;
const messageBytes = z
  .int("must be an integer")
  .min(1, "must be at least 1")
  .max(MAX_MESSAGE_BYTES, `must be at most ${MAX_MESSAGE_BYTES} bytes`);

/** Ten years. */
const MAX_DAYS = 3650;

const outboxClass = z.strictObject({
  name: dnsLabel,
  messagesPerSecond: positive(1_000_000, "messages"),
  messageBytes,
  maxMessageBytes: messageBytes.default(defaults.outboxClass.maxMessageBytes),
  outageDays: positive(MAX_DAYS, "days"),
  whenFull: z.enum(["Refuse", "DropOldest"]),
  maxAgeDays: positive(MAX_DAYS, "days").optional(),
});

const whole = (min: number, max: number) =>
  z
    .int("must be an integer")
    .min(min, `must be between ${min} and ${max}`)
    .max(max, `must be between ${min} and ${max}`);

/** The schema of `siteSync` of a cluster. */
export const siteSync = z.strictObject({
  storageGiB: whole(1, 1_000_000).default(defaults.siteSync.storageGiB),
});

const simulated = z.strictObject({
  mean: z.number().optional(),
  amplitude: z.number().optional(),
  periodSeconds: z.number().min(1, "must be at least 1").max(31_536_000, "must be at most 31536000 seconds").optional(),
  noise: z.number().min(0, "must not be negative").optional(),
  seed: whole(0, Number.MAX_SAFE_INTEGER).optional(),
});

const modbus = z.strictObject({
  address: z.string().refine(isAddress, "must be host:port, with a port between 1 and 65535"),
  unitID: whole(1, 255).optional(),
  register: whole(0, 65_535),
  table: z.enum(["holding", "input"]).optional(),
  type: z.enum(["uint16", "int16", "uint32", "int32", "float32"]).optional(),
  wordOrder: z.enum(["high-first", "low-first"]).optional(),
  scale: z.number().optional(),
  offset: z.number().optional(),
});

function isAddress(text: string): boolean {
  const [, host = "", port = ""] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  return hostName.safeParse(host).success && Number(port) >= 1 && Number(port) <= 65_535;
}

const oneDriver = hasOne("simulated", "modbus");

const sensor = z
  .strictObject({
    name: dnsLabel,
    class: z.string(),
    unit: z.string().min(1, MUST_NOT_BE_EMPTY),
    intervalSeconds: positive(86_400, "seconds").default(defaults.sensor.intervalSeconds),
    simulated: simulated.optional(),
    modbus: modbus.optional(),
  })
  .refine(oneDriver.check, oneDriver.rule);

/** Topics that begin so are Skerry's own. */
const RESERVED = /^skerry(\/|$)/;
const deviceTopics = topicFilter.refine(
  (filter) => !RESERVED.test(filter),
  "must not begin with skerry, which is reserved",
);

/** The schema of one item of `edgeAgents` of a cluster. */
export const edgeAgents = z.strictObject({
  name: dnsLabel,
  nodePools: z.array(z.string()).min(1, MUST_NOT_BE_EMPTY),
  broker: z.string().optional(),
  sensors: z.array(sensor).default([]),
  routes: z.array(z.strictObject({ filter: deviceTopics, class: z.string() })).default([]),
  relay: z.enum(["broker", "listener"]).default(defaults.edgeAgents.relay),
  responses: z.array(deviceTopics).default([]),
  classes: z.array(outboxClass).min(1, MUST_NOT_BE_EMPTY),
  storageGiB: z
    .int("must be an integer")
    .min(1, "must be at least 1")
    .max(1_000_000, "must be at most 1000000")
    .optional(),
});

/** A name in PostgreSQL that needs no quotes in a URL. */
const databaseName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,62}$/, "must be 1 to 63 of a-z, 0-9, - and _, starting with a letter or _");

/** The schema of `edgeIngest` of a cluster. */
export const edgeIngest = z.strictObject({
  database: z.strictObject({
    host: hostName,
    port: z
      .int("must be an integer")
      .min(1, "must be between 1 and 65535")
      .max(65535, "must be between 1 and 65535")
      .default(defaults.databasePort),
    name: databaseName,
    user: databaseName,
    secret: secretName,
  }),
});
