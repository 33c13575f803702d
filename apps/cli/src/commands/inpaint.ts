/** `ergodic inpaint`: images of which a model fills the unknown part. */
import { Command } from "commander";
import { countUpTo, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { runOptions } from "./run-options.js";
import type { InpaintFlags } from "../runs/flags.js";

const examples = `
Each row has an image, its known part, and several fills by the model. Known pixels are noised to every noise level, and chains are put
back there after every step, so the fills fit them.

The mask is a picture whose light pixels are to be filled, or one of left, right, top, bottom and centre. Pictures become images as those
of training did.

Examples:
  $ ergodic inpaint runs/recovery-digits-16-1
  $ ergodic inpaint runs/recovery-mnist-32-1 --mask bottom --n 4 --columns 6
  $ ergodic inpaint runs/recovery-emoji-32-1 --image smile.png --mask hole.png --out filled.png`;

export function inpaintCommand(): Command {
  return runOptions(
    experimentOptions(new Command("inpaint"))
      .description("Fill the unknown part of images by a trained model.")
      .argument("<run>", "run folder")
      .option("--image <picture>", "a picture, or a folder of pictures (default: the experiment's test images)")
      .option("--mask <picture or part>", "what to fill: light pixels, or a part", "right")
      .option("-n, --n <number>", "number of images", countUpTo(100), 8)
      .option("--columns <number>", "fills of each image", countUpTo(50), 6)
      .option("--seed <number>", "seed of the choice of images and of the fills", seed, 0)
      .option("-o, --out <file>", "PNG to write (default: <run>/samples/inpaint-<seed>.png)"),
  )
    .addHelpText("after", examples)
    .action(async (run: string, flags: InpaintFlags) => {
      const { runInpainting } = await import("../runs/run-inpainting.js");
      process.exitCode = await runInpainting(run, flags);
    });
}
