import { spawnSync } from "node:child_process";

import type { KubeObject } from "../../fleet/kubernetes/object";

/** One thing that the API server refuses. */
export interface Cause {
  /** `FieldValueInvalid` and the like; `UnknownField` and `DuplicateField` are refused by decoding. */
  readonly type?: string;
  /** A path as the API server writes it: `spec.containers[0].ports[1].protocol`. Absent: the whole object. */
  readonly field?: string;
  /** What was found there, in JSON or nearly so. Absent where it may not be shown. */
  readonly value?: string;
  readonly detail?: string;
}

/** What the API server would answer to the creation of an object. */
export interface Verdict {
  /** `unserved`: no such kind is known; `failed`: the API server's own code fails on the object. */
  readonly outcome: "accepted" | "refused" | "unserved" | "failed";
  readonly reason?: string;
  /** Where there are no causes. */
  readonly message?: string;
  readonly causes?: readonly Cause[];
  readonly warnings?: readonly string[];
}

/** Verdicts on some objects, in their order. */
export interface Verdicts {
  /** The release of Kubernetes whose code judged, `1.36.3`. It may have emulated an earlier minor version. */
  readonly release: string;
  readonly verdicts: readonly Verdict[];
}

/** Version of what manifest-validator reads and writes. */
const PROTOCOL = 1;
/** Its exit code for a version of Kubernetes that it cannot judge as. */
const UNKNOWN_VERSION = 3;
/** Bytes of its output, at most. */
const LARGEST_OUTPUT = 2 ** 30;

/** The program that knows the API server's verdicts: `runtime/cmd/manifest-validator`. */
export class Validator {
  private readonly known = new Map<string, boolean>();

  /** @param program its path */
  constructor(private readonly program: string) {}

  /** Whether it can judge as a minor version of Kubernetes. */
  supports(minor: string): boolean {
    return this.known.get(minor) ?? this.verdicts(minor, []) !== undefined;
  }

  /**
   * The verdicts on objects; undefined for a version that it does not know.
   *
   * @param context objects that are not judged: CustomResourceDefinitions among them define kinds
   * @throws Error when the program does not run, or fails
   */
  verdicts(minor: string, objects: readonly KubeObject[], context: readonly KubeObject[] = []): Verdicts | undefined {
    if (this.known.get(minor) === false) return undefined;
    const lines = [
      ...context.map((object) => JSON.stringify({ object, context: true })),
      ...objects.map((object) => JSON.stringify({ object })),
    ];
    const { error, status, stdout, stderr } = spawnSync(this.program, ["--kubernetes-version", minor], {
      input: lines.join("\n"),
      encoding: "utf8",
      maxBuffer: LARGEST_OUTPUT,
    });
    if (error) throw new Error(`${this.program} does not run: ${error.message}`);
    this.known.set(minor, status !== UNKNOWN_VERSION);
    if (status === UNKNOWN_VERSION) return undefined;
    if (status !== 0) throw new Error(`${this.program} ended with ${status}: ${stderr.trim()}`);
    return this.read(stdout, objects.length);
  }

  private read(output: string, count: number): Verdicts {
    const [head, ...verdicts] = output
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text) as unknown);
    const { protocol, kubernetes } = head as { protocol: number; kubernetes: string };
    if (protocol !== PROTOCOL) throw new Error(`${this.program} speaks protocol ${protocol}, wanted is ${PROTOCOL}`);
    if (verdicts.length !== count) throw new Error(`${this.program} gave ${verdicts.length} verdicts for ${count}`);
    return { release: kubernetes, verdicts: verdicts as Verdict[] };
  }
}
