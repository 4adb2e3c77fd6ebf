import { readStackFleet } from "../cluster/stack-fleet";
import type { Progress } from "../progress";
import { LOCAL_STACK } from "../project";
import { localTools, resolveEngine } from "../pulumi/environment";
import { type Resolved, resolveTools } from "../tools/resolve";
import { startLab } from "./daemon";

const describeTool = ({ tool, version, origin }: Resolved): string =>
  `${tool.name.replace("pulumi-resource-kubernetes", "provider").replace("pulumi-language-nodejs", "nodejs host")} ${version} (${origin})`;

/** Prepares the tools of a stack and, for stack local, the lab. */
export async function prepareStack(stack: string, progress: Progress): Promise<Resolved[]> {
  if (stack !== LOCAL_STACK) return resolveEngine(progress);
  // The program reports the problems of an invalid fleet.
  const fleet = await readStackFleet(stack).catch(() => undefined);
  const resolved = await resolveTools(localTools(fleet), progress);
  process.stdout.write(`  tools      ${resolved.map(describeTool).join("   ")}\n`);
  const step = progress.start("lab", "starting");
  try {
    const { pid, simulation } = await startLab(resolved);
    step.done(`running, pid ${pid}${simulation ? `; edge data is simulated: ${simulation.reason}` : ""}`);
  } catch (error) {
    step.failed("failed to start");
    throw error;
  }
  return resolved;
}
