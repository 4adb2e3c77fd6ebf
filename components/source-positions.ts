import * as pulumi from "@pulumi/pulumi";

/**
 * Leaves source positions out of the state, by import. Pulumi records the stack at each registration: 0.25 MB of the
 * local fleet's state, which the engine writes after every step, and an eighth of the program's processor time. Programs
 * run through tsx, so that the positions would be those of generated code. The SDK has no setting for it.
 */
const resource = pulumi.Resource as unknown as { stackTrace?: () => readonly never[] };
if (typeof resource.stackTrace === "function") resource.stackTrace = () => [];
