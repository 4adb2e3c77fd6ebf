import { type Command, Option } from "commander";

import { LOCAL_STACK } from "../project";
import { ANSWER_FORMATS, parseSeed } from "./options";

/** Adds the options of a question about the fleet of a stack. */
export const addStackOptions = (command: Command): Command =>
  command
    .option("-s, --stack <name>", "stack whose fleet is asked about", LOCAL_STACK)
    .option("--cluster <name>", "cluster that has the workload (default: every cluster of the stack)")
    .option("-n, --namespace <name>", "namespace of the workload (default: any)")
    .addOption(
      new Option("--snapshot <file>", "start from what ran when skerry snapshot wrote this file").conflicts("live"),
    )
    .option("--live", "start from what runs now; clusters are only read")
    .option("--seed <number>", "seed that breaks ties between equal nodes", parseSeed, 1)
    .addOption(new Option("--format <format>", "format of the answer").choices(ANSWER_FORMATS).default("table"));
