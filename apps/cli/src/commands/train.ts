/** `ergodic train`: trains a preset or an experiment file into a run folder, or goes on with a run that was stopped. */
import { Command, Option } from "commander";
import { usageError } from "../errors.js";
import { repeated, seed } from "./arguments.js";
import { engineOption } from "./engine-option.js";
import type { TrainFlags } from "../runs/flags.js";

const examples = `
Examples:
  $ ergodic train quickstart
  $ ergodic train quickstart --seed 1 --out runs/second-seed
  $ ergodic train latent-prior/mnist --set training.iterations=2000 --set training.batchSize=64
  $ ergodic train ./my-ebm.ts --engine cpu
  $ ergodic train --resume runs/quickstart-1
  $ ergodic train --resume runs/quickstart-1 --set training.iterations=2000      train a finished run further

Ctrl-C finishes the iteration, saves a checkpoint and prints how to resume; a second Ctrl-C stops at once.
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;

export function trainCommand(): Command {
  return new Command("train")
    .description("Train a preset or an experiment file; results go to a run folder.")
    .argument("[experiment]", "name of a preset (ergodic presets) or path of an experiment file (.ts, .js, .mjs)")
    .option("-o, --out <folder>", "run folder, must not exist yet (default: runs/<name>-<number>)")
    .option("-s, --set <key=value>", "change a setting, for instance training.batchSize=64 (repeatable)", repeated, [])
    .option("--seed <number>", "seed of everything random, short for --set training.seed=<number>", seed)
    .addOption(engineOption("auto, or the engine of the resumed run"))
    .addOption(new Option("-r, --resume <run folder>", "go on from the last checkpoint of a run").conflicts("out"))
    .option("--no-evaluate", "leave out the evaluation at the end")
    .option("--json", "print the results as JSON", false)
    .option("-q, --quiet", "print results and errors only", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (experiment: string | undefined, flags: TrainFlags) => {
      if ((experiment === undefined) === (flags.resume === undefined)) {
        throw usageError(
          experiment === undefined
            ? "train needs a preset or an experiment file, or --resume <run folder>.  (presets: ergodic presets)"
            : `--resume takes its experiment from the run folder; leave out "${experiment}".`,
        );
      }
      const { runTraining } = await import("../runs/run-training.js");
      process.exitCode = await runTraining(experiment, flags);
    });
}
