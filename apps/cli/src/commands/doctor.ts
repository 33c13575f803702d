/**
 * `ergodic doctor`: the engines of this machine, the one in use and why, and how to install the
 * others.
 */
import { Command } from "commander";

const examples = `
Examples:
  $ ergodic doctor
  $ ergodic doctor --json | jq '.engines[] | select(.available)'`;

export function doctorCommand(): Command {
  return new Command("doctor")
    .description(
      "Show the engines of this machine, how fast they are, which is the default and why, and how to get the others.",
    )
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async ({ json }: { json: boolean }) => {
      const { examine, describeExamination } = await import("../doctor.js");
      const { jsonResult, result } = await import("../terminal/output.js");
      const examination = await examine();
      if (json) jsonResult(examination);
      else result(describeExamination(examination));
    });
}
