/** `ergodic runs`: lists the runs of a folder. */
import { Command } from "commander";

const examples = `
Examples:
  $ ergodic runs
  $ ergodic runs experiments/may
  $ ergodic runs --json | jq -r '.[] | select(.status == "running") | .folder'`;

export function runsCommand(): Command {
  return new Command("runs")
    .description("List the runs of a folder, the most recently changed last.")
    .argument("[folder]", "folder of runs", "runs")
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (folder: string, flags: { readonly json: boolean }) => {
      const { runList } = await import("../runs/run-list.js");
      await runList(folder, flags);
    });
}
