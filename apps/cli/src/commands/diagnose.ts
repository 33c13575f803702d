/** `ergodic diagnose`: whether the chains of a trained model mix, with the evidence. */
import { Command } from "commander";
import { count, countUpTo, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { runOptions } from "./run-options.js";
import type { DiagnoseFlags } from "../runs/flags.js";

const examples = `
Every chain of the model is run long from widely scattered starts: do the chains agree (R-hat, effective sample sizes), how long do they remember,
how often do they change their mode? And from where learning starts them: does the energy stay where the short run of learning ended, and are
longer chains as near to the data? The answers go to <run>/diagnosis: report.html with pictures along the chains, diagnosis.json.

Examples:
  $ ergodic diagnose runs/quickstart-1
  $ ergodic diagnose runs/quickstart-1 --chains 16 --steps 20000
  $ ergodic diagnose runs/quickstart-1 --json | jq .diagnoses.prior.verdict`;

export function diagnoseCommand(): Command {
  return runOptions(
    experimentOptions(new Command("diagnose"))
      .description("Run long chains of a trained model and say whether they mix.")
      .argument("<run>", "run folder")
      .option("--chains <number>", "long chains", countUpTo(100_000), 8)
      .option(
        "--steps <number>",
        "recorded steps of each, half as many before (default: as many as settle it, at most 100 times those of learning)",
        count,
      )
      .option(
        "-n, --n <number>",
        "chains in the comparison of short and longer runs (default: 64 to 1,000, by cost)",
        countUpTo(1_000_000),
      )
      .option("--seed <number>", "seed of everything random", seed, 0),
    { progress: true },
  )
    .addHelpText("after", examples)
    .action(async (run: string, flags: DiagnoseFlags) => {
      const { runDiagnosis } = await import("../runs/run-diagnosis.js");
      await runDiagnosis(run, flags);
    });
}
