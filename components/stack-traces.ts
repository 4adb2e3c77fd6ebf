import * as pulumi from "@pulumi/pulumi";

/**
 * Disables two kinds of stack traces when imported: Pulumi takes one for each registered resource and one for each
 * promise, and the SDK has no setting for either. In profiles they took 13 % and 19 % of a program's CPU time.
 */

// Pulumi stores the source position of each registration in the state, which it writes after every step. Programs run
// through tsx, so the position would be in generated code.
const resource = pulumi.Resource as unknown as { stackTrace?: () => readonly never[] };
if (typeof resource.stackTrace === "function") resource.stackTrace = () => [];

// Only PULUMI_DEBUG_PROMISE_LEAKS needs the stacks of promises. Pulumi's `cmd/run` maps each frame to its source.
const prepare = Error.prepareStackTrace?.bind(Error);
if (prepare && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? "" : (prepare(error, frames) as unknown);
}
