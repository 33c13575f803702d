/** `ergodic sample`: draws from a trained run. */
import { Command } from "commander";
import { classes, count, countUpTo, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { partsHelp, partsOptions } from "./parts-options.js";
import { runOptions } from "./run-options.js";
import type { SampleFlags } from "../runs/flags.js";

const examples = `
Examples:
  $ ergodic sample runs/quickstart-1
  $ ergodic sample runs/quickstart-1 --n 100 --seed 7 --out digits.png
  $ ergodic sample runs/quickstart-1 --checkpoint 300 --json
  $ ergodic sample runs/ebm-mnist-1 --fresh --steps 1000
  $ ergodic sample runs/jem-mnist-1 --class 0,1,2 --n 10    # a row of ten for each class
  $ ergodic sample runs/ebm-mnist-1 --n 50000 --shard 2/8          # the second of eight processes
  $ ergodic sample runs/ebm-mnist-1 --n 50000 --merge --out samples.npz
${partsHelp}`;

export function sampleCommand(): Command {
  return runOptions(
    partsOptions(
      experimentOptions(new Command("sample"))
        .description("Draw samples from a trained run as a PNG or text file.")
        .argument("<run>", "run folder")
        .option("-n, --n <number>", "number of samples", countUpTo(1_000_000), 64)
        .option("--class <list>", "draw n samples from this class, or from each of several: 0,1,2", classes)
        .option("--fresh", "run chains from scattered starts, also where the run keeps chains", false)
        .option("--steps <number>", "steps of each fresh chain (default: those of a sample)", count)
        .option("--seed <number>", "seed of the samples", seed, 0)
        .option(
          "-o, --out <file>",
          "PNG or text file to write, or .npz of the numbers (default: <run>/samples/sample-<seed>.png, .txt for text)",
        ),
    ),
  )
    .addHelpText("after", examples)
    .action(async (run: string, flags: SampleFlags) => {
      const { runSampling } = await import("../runs/run-sampling.js");
      await runSampling(run, flags);
    });
}
