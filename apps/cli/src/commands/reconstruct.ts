/** `ergodic reconstruct`: what a model with latents makes of examples that it has not seen. */
import { Command } from "commander";
import { countUpTo, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { runOptions } from "./run-options.js";
import type { ReconstructFlags } from "../runs/flags.js";

const examples = `
The latents of each example are inferred and decoded again. The picture has rows of test images, each above the row of their
reconstructions. Pictures of your own become images as those of training did. The error is the mean of (x - reconstruction)² over all
pixels, with images in [-1, 1]; --json has that of each image as well. "ergodic evaluate --metrics mse" measures it over all test images.

Pictures that cannot be read are named, and the exit code is 1.

Examples:
  $ ergodic reconstruct runs/quickstart-1
  $ ergodic reconstruct runs/quickstart-1 --n 64 --seed 7 --out digits.png
  $ ergodic reconstruct runs/quickstart-1 scans/ --json | jq .mse`;

export function reconstructCommand(): Command {
  return runOptions(
    experimentOptions(new Command("reconstruct"))
      .description("Draw test images beside their reconstructions by a trained model.")
      .argument("<run>", "run folder")
      .argument(
        "[pictures]",
        "folder of pictures, with subfolders, or one picture (default: the experiment's test images)",
      )
      .option("-n, --n <number>", "number of examples", countUpTo(500), 32)
      .option("--seed <number>", "seed of the choice of examples and of inference", seed, 0)
      .option(
        "-o, --out <file>",
        "PNG or text file to write (default: <run>/samples/reconstruct-<seed>.png, .txt for text)",
      ),
  )
    .addHelpText("after", examples)
    .action(async (run: string, pictures: string | undefined, flags: ReconstructFlags) => {
      const { runReconstruction } = await import("../runs/run-reconstruction.js");
      process.exitCode = await runReconstruction(run, pictures, flags);
    });
}
