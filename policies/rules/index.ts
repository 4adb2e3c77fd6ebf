import type { Rule } from "../rule";
import { imagesPinned } from "./images-pinned";

/** Every rule that Skerry brings, in the order in which reports list them. */
export const rules: readonly Rule[] = [imagesPinned];
