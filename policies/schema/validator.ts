import { spawnSync } from "node:child_process";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** One reason for which the API server rejects an object. */
export interface Cause {
  /** `FieldValueInvalid` and the like. `UnknownField` and `DuplicateField` are errors of decoding. */
  readonly type?: string;
  /** Path in the API server's syntax: `spec.containers[0].ports[1].protocol`. Absent for the object as a whole. */
  readonly field?: string;
  /** The value found, as the API server prints it. Absent in Secrets. */
  readonly value?: string;
  readonly detail?: string;
}

/** The API server's response to the creation of an object. */
export interface Verdict {
  /** `unserved`: the kind is unknown. `failed`: the API server's validation panics. */
  readonly outcome: "accepted" | "refused" | "unserved" | "failed";
  readonly reason?: string;
  /** The API server's message, if there are no causes. */
  readonly message?: string;
  readonly causes?: readonly Cause[];
  readonly warnings?: readonly string[];
}

/** Verdicts on objects, in the order of the objects. */
export interface Verdicts {
  /** The release of Kubernetes whose code validated, `1.36.3`. It may have emulated an earlier minor version. */
  readonly release: string;
  readonly verdicts: readonly Verdict[];
}

/** Version of the protocol of manifest-validator. */
const PROTOCOL = 1;
/** Exit code of manifest-validator for a Kubernetes version that it cannot emulate. */
const UNSUPPORTED_VERSION = 3;
/** Maximum size of the output in bytes. */
const MAX_OUTPUT = 2 ** 30;

/** Runs the API server's validation with the program `runtime/cmd/manifest-validator`. */
export class Validator {
  private readonly supported = new Map<string, boolean>();

  /** @param program path of the program */
  constructor(private readonly program: string) {}

  /** Whether the program can validate for a minor version of Kubernetes. */
  supports(minor: string): boolean {
    return this.supported.get(minor) ?? this.verdicts(minor, []) !== undefined;
  }

  /**
   * Validates objects. Returns undefined for an unsupported version.
   *
   * @param context objects that are not validated; CustomResourceDefinitions among them define kinds
   * @throws Error when the program cannot be run or fails
   */
  verdicts(minor: string, objects: readonly KubeObject[], context: readonly KubeObject[] = []): Verdicts | undefined {
    if (this.supported.get(minor) === false) return undefined;
    const lines = [
      ...context.map((object) => JSON.stringify({ object, context: true })),
      ...objects.map((object) => JSON.stringify({ object })),
    ];
    const { error, status, stdout, stderr } = spawnSync(this.program, ["--kubernetes-version", minor], {
      input: lines.join("\n"),
      encoding: "utf8",
      maxBuffer: MAX_OUTPUT,
    });
    if (error) throw new Error(`cannot run ${this.program}: ${error.message}`);
    this.supported.set(minor, status !== UNSUPPORTED_VERSION);
    if (status === UNSUPPORTED_VERSION) return undefined;
    if (status !== 0) throw new Error(`${this.program} exited with ${status}: ${stderr.trim()}`);
    return this.parse(stdout, objects.length);
  }

  private parse(output: string, count: number): Verdicts {
    const [head, ...verdicts] = output
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as unknown);
    const { protocol, kubernetes } = head as { protocol: number; kubernetes: string };
    if (protocol !== PROTOCOL) throw new Error(`${this.program} has protocol version ${protocol}, must be ${PROTOCOL}`);
    if (verdicts.length !== count)
      throw new Error(`${this.program} returned ${verdicts.length} verdicts for ${count} objects`);
    return { release: kubernetes, verdicts: verdicts as Verdict[] };
  }
}
