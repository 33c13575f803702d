/** `ergodic metrics`: the logged metrics of runs for other programs. */
import { Command, Option } from "commander";
import type { MetricsFlags } from "../runs/run-metrics.js";

const examples = `
Examples:
  $ ergodic metrics runs/quickstart-1 > metrics.csv
  $ ergodic metrics runs/quickstart-1 runs/quickstart-2 --tensorboard events
  $ ergodic metrics runs/quickstart-1 --json | jq '.[-1]'`;

export function metricsCommand(): Command {
  return new Command("metrics")
    .description("Print the logged metrics of a run as CSV, or write those of runs as TensorBoard events.")
    .argument("<runs...>", "run folder; several with --tensorboard")
    .option("-o, --out <file>", "file for the table (default: print it)")
    .addOption(new Option("--tensorboard <folder>", "write event files below this folder").conflicts("out"))
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (folders: string[], flags: MetricsFlags) => {
      const { runMetrics } = await import("../runs/run-metrics.js");
      await runMetrics(folders, flags);
    });
}
