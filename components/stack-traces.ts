import * as pulumi from "@pulumi/pulumi";

/**
 * Leaves out, by import, two kinds of stack traces that Pulumi takes at each registration and for each promise. The SDK has
 * no setting for either. They took 13 % and 19 % of a program's processor time when each was profiled.
 */

// The position of each registration goes into the state, which the engine writes after every step. Programs run through
// tsx, so that it would be a position in generated code.
const resource = pulumi.Resource as unknown as { stackTrace?: () => readonly never[] };
if (typeof resource.stackTrace === "function") resource.stackTrace = () => [];

// The stack of each promise serves PULUMI_DEBUG_PROMISE_LEAKS alone. Pulumi's `cmd/run` maps every frame to its source.
const prepare = Error.prepareStackTrace?.bind(Error);
if (prepare && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? "" : (prepare(error, frames) as unknown);
}
