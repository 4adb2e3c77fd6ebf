import { z } from "zod";

import { MUST_NOT_BE_EMPTY } from "../reading/forms";
import { describeIssues } from "../reading/shape-problems";
import { isK3sRelease, K3S_VERSION_RULE } from "./version";

/** File with the {@link MachineDocument} on a machine. */
export const MACHINE_FILE = "/etc/skerry/machine.json";

const text = z.string().min(1, MUST_NOT_BE_EMPTY);
/** Segments of letters, digits, `_`, `.` and `-`: the characters of AWS Parameter Store, without `.` and `..`. */
const SEGMENTS = String.raw`(?!\.{1,2}(?:/|$))[\w.-]+(?:/(?!\.{1,2}(?:/|$))[\w.-]+)*`;
const parameter = z.string().regex(new RegExp(`^${SEGMENTS}$`), "must be a parameter name, such as tls/server-ca.crt");
const absolutePath = z.string().regex(new RegExp(`^/${SEGMENTS}$`), "must be an absolute path, such as /etc/hosts");
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hex digits");

const place = {
  /** What the provider ID of the node names, see {@link NodeIdentity}. */
  providerId: z.enum(["instance", "node"], "must be one of: instance, node"),
  /** The tag of the instance whose value is the zone of the node. Absent if the K3s configuration states the zone. */
  zoneTag: text.optional(),
};

const common = {
  apiVersion: z.literal("skerry.dev/machine/v1"),
  /** Name of the cluster. */
  cluster: text,
  /** Stable hostname or IP address of the Kubernetes API. */
  host: text,
  /** TCP port of the Kubernetes API. */
  port: z.int().min(1, "must be between 1 and 65535").max(65535, "must be between 1 and 65535"),
  parameters: z.strictObject({
    /** Start of the full name of every parameter. */
    prefix: z.string().regex(new RegExp(`^/${SEGMENTS}$`), "must start with /, such as /skerry/production/frankfurt"),
    /** Region of the parameter store. */
    region: text,
  }),
  /** Files that the machine writes from parameters before K3s starts, with owner root and mode 0600. */
  files: z
    .array(z.strictObject({ path: absolutePath, parameter }))
    .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, "must not name a path twice"),
  /** The release of K3s to install. Absent if the image of the machine contains K3s. */
  k3s: z
    .strictObject({
      /** Version, such as `v1.36.3+k3s1`. */
      version: z.string().refine(isK3sRelease, K3S_VERSION_RULE),
      /** Folder of the release: an `https` or `s3` URL. */
      source: z.string().regex(/^(https|s3):\/\/\S+$/, "must be an https or s3 URL"),
      /** SHA-256 of the binary of each architecture. */
      sha256: z.strictObject({ amd64: sha256.optional(), arm64: sha256.optional(), arm: sha256.optional() }),
    })
    .optional(),
  /** The node of an instance in a cloud. Absent if its hostname is its name. */
  node: z
    .union(
      [
        /** The name is the value of a tag of the instance. */
        z.strictObject({ tag: text, ...place }),
        /** The name is the prefix and the id of the instance. */
        z.strictObject({ prefix: text, ...place }),
      ],
      "must have either tag or prefix",
    )
    .optional(),
};

const machineSchema = z.discriminatedUnion("role", [
  z.strictObject({
    ...common,
    role: z.literal("server"),
    /** Parameter that records which machine created the cluster. Machines write it, once. */
    birth: parameter,
    /** Parameter with the order of a restore. Absent from the store without a restore. */
    restore: parameter,
  }),
  z.strictObject({ ...common, role: z.literal("agent") }),
]);

/**
 * What a machine does before K3s starts, as data: the boot program executes it on real machines, and the lab on its own. It
 * contains no secret.
 */
export type MachineDocument = z.output<typeof machineSchema>;

/** How an instance in a cloud names its node. */
export type NodeIdentity = (
  | {
      /** Tag of the instance whose value is the name. */
      readonly tag: string;
    }
  | {
      /** Start of the name, which the id of the instance completes. */
      readonly prefix: string;
    }
) & {
  /**
   * What the provider ID of the node names. It cannot be changed later.
   *
   * - `instance`: the instance, by which the cloud's controllers find it: `aws:///eu-central-1a/i-0123456789abcdef0`.
   * - `node`: the node, so that the controllers ignore it: `aws:///eu-central-1a/node-frankfurt-server-01`. The form is that of
   *   the cloud, because the cluster autoscaler stops at any other.
   */
  readonly providerId: "instance" | "node";
  /** Tag of the instance whose value is the zone. @default - the K3s configuration states the zone */
  readonly zoneTag?: string | undefined;
};

/** An invalid machine document. The message names every problem with its path. */
export class MachineDocumentError extends Error {}

/**
 * Renders a machine document, the content of {@link MACHINE_FILE}.
 *
 * @throws MachineDocumentError with every problem
 */
export function renderMachineDocument(machine: MachineDocument): string {
  return `${JSON.stringify(check(machine), null, 2)}\n`;
}

/**
 * Parses the content of {@link MACHINE_FILE}.
 *
 * @throws MachineDocumentError with every problem
 */
export function parseMachineDocument(content: string): MachineDocument {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new MachineDocumentError(`${MACHINE_FILE}: must be JSON`);
  }
  return check(value);
}

function check(value: unknown): MachineDocument {
  const result = machineSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = describeIssues(result.error.issues, value, () => Object.keys(common));
  const lines = problems.map(({ path, message }) => `  ${path || "document"}: ${message}`);
  const count = lines.length === 1 ? "1 problem" : `${lines.length} problems`;
  throw new MachineDocumentError(`${count} in ${MACHINE_FILE}:\n${lines.join("\n")}`);
}

/** Returns the JSON Schema of {@link MachineDocument}. */
export const machineJsonSchema = (): object => z.toJSONSchema(machineSchema, { io: "output" });
