import { Validator } from "../../policies/schema/validator";
import { ConsoleProgress } from "../progress";
import { tool } from "../tools/catalogue";
import { findTool, resolveTools } from "../tools/resolve";

/** What objects are checked by: the API server's own code, or Kubernetes' OpenAPI schema alone. */
export const VALIDATIONS = ["api-server", "openapi"] as const;
export type Validation = (typeof VALIDATIONS)[number];

/**
 * The program that knows the API server's verdicts.
 *
 * @param by `api-server` builds it where it is neither on PATH nor built. @default it is used where it is
 */
export async function findValidator(by?: Validation): Promise<Validator | undefined> {
  if (by === "openapi") return undefined;
  const wanted = tool("manifest-validator");
  const found = by === undefined ? await findTool(wanted) : (await resolveTools([wanted], new ConsoleProgress()))[0];
  return found && new Validator(found.path);
}
