import { Validator } from "../../policies/schema/validator";
import { ConsoleProgress } from "../progress";
import { tool } from "../tools/catalogue";
import { findTool, resolveTools } from "../tools/resolve";

/** How objects are checked: with the API server's own validation, or with Kubernetes' OpenAPI schema only. */
export const VALIDATIONS = ["api-server", "openapi"] as const;
export type Validation = (typeof VALIDATIONS)[number];

/**
 * Finds the program that runs the API server's validation. Returns undefined when the OpenAPI schema is to be used.
 *
 * @param by `api-server` builds the program if necessary. Default: the program is used if it is on PATH or built already
 */
export async function findValidator(by?: Validation): Promise<Validator | undefined> {
  if (by === "openapi") return undefined;
  const wanted = tool("manifest-validator");
  const found = by === undefined ? await findTool(wanted) : (await resolveTools([wanted], new ConsoleProgress()))[0];
  return found && new Validator(found.path);
}
