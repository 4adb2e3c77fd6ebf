import { Validator } from "../../policies/schema/validator";
import { tool } from "../tools/catalogue";
import { find } from "../tools/resolve";

/** The program that knows the API server's verdicts, where it is on PATH or was built. Judging never waits for a build. */
export async function findValidator(): Promise<Validator | undefined> {
  const found = await find(tool("manifest-validator"));
  return found && new Validator(found.path);
}
