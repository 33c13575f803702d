/** `--experiment` and `--accept-changes`, the same in every command that opens a run. */
import type { Command } from "commander";

export function experimentOptions(command: Command): Command {
  return command
    .option("--experiment <file>", "experiment file of the run, when it is not to be found or comes from elsewhere")
    .option("--accept-changes", "use an experiment file that differs from what the run was made with", false);
}
