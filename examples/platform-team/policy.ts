import { definePolicy } from "skerry/policies";

import { ourRegistry } from "./rules/our-registry";

export default definePolicy({ rules: [ourRegistry] });
