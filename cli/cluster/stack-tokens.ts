import type { KeptToken } from "../../fleet/k3s/restore";
import { ConsoleProgress } from "../progress";
import { resolveEngine } from "../pulumi/environment";
import { openExistingStack } from "../pulumi/stack";
import { keptTokens } from "./kept-tokens";

/** Reads the server tokens of a cluster from the state of a stack. */
export async function readServerTokens(stackName: string, cluster: string): Promise<KeptToken[]> {
  const stack = await openExistingStack(await resolveEngine(new ConsoleProgress()), stackName);
  const state = (await stack.exportStack()) as { readonly deployment: Parameters<typeof keptTokens>[0] };
  return keptTokens(state.deployment, cluster);
}
