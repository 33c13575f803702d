/** `ergodic evaluate`: scores of a trained run. */
import { Command } from "commander";
import { count, list, seed } from "./arguments.js";
import { engineOption } from "./engine-option.js";
import type { EvaluateFlags } from "../runs/flags.js";

const examples = `
Metrics:
  fpd   Fréchet distance between generated and test images, both projected on the first 32 principal components of
        training images; beside it the same without the Markov chain, and the floor (training against test images)
  mse   mean squared error per pixel of reconstructed test images

Examples:
  $ ergodic evaluate runs/quickstart-1
  $ ergodic evaluate runs/quickstart-1 --metrics fpd --n 2000
  $ ergodic evaluate runs/quickstart-1 --json | jq .fpd.value`;

export function evaluateCommand(): Command {
  return new Command("evaluate")
    .description("Score a trained run against test data; also written to <run>/evaluation.json.")
    .argument("<run>", "run folder")
    .option("-m, --metrics <list>", "metrics, separated by commas (default: all that the experiment allows)", list)
    .option("-n, --n <number>", "generated images and test images, at most", count, 10_000)
    .option("--seed <number>", "seed of the evaluation", seed, 0)
    .option("--checkpoint <iteration>", "iteration of the checkpoint to use (default: the last)", seed)
    .addOption(engineOption())
    .option("--json", "print JSON", false)
    .option("-q, --quiet", "no progress", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (run: string, flags: EvaluateFlags) => {
      const { runEvaluation } = await import("../runs/run-evaluation.js");
      await runEvaluation(run, flags);
    });
}
