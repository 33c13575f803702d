/** `ergodic score`: which pictures are unlike the ones that a model has learned. */
import { Command } from "commander";
import { count, fraction, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { runOptions } from "./run-options.js";
import type { ScoreFlags } from "../runs/flags.js";

const examples = `
The score of a picture is the model's own, for instance -log p(x) up to a constant: high for pictures unlike the training data. Each
picture becomes an image as those of training did. Two comparisons make the score readable:
  above of training   the share of training images with a lower score
  p-value             (1 + held-out normal images with at least this score) / (1 + all held-out normal images)

Flagged are pictures whose p-value is at most the rate of false alarms. A normal picture is flagged with at most that probability, if
it comes from where the held-out ones come from. A rate of 1 % needs at least 99 held-out images. They are the experiment's test
images, or those of --normal; the model must not have seen them.

"ergodic train latent-prior/images --set options.from=photos/good-parts" learns the pictures of a folder and holds a fifth of them out.

The answers go to <run>/scores: report.html with the worst pictures beside their reconstructions, scores.json. Pictures that cannot be
read are named, and the exit code is 1.

Examples:
  $ ergodic score runs/latent-prior-images-1 photos/new-parts --false-alarms 0.01
  $ ergodic score runs/latent-prior-images-1 photos/part-0412.jpg
  $ ergodic score runs/latent-prior-images-1 photos/new-parts --csv scores.csv
  $ ergodic score runs/quickstart-1 scans/ --normal more-digits/ --json | jq '.images[] | select(.flagged).image'`;

export function scoreCommand(): Command {
  return runOptions(
    experimentOptions(new Command("score"))
      .description("Find the pictures that are unlike a run's training data.")
      .argument("<run>", "run folder")
      .argument("<pictures>", "folder of pictures, with subfolders, or one picture")
      .option("--false-alarms <rate>", "rate of false alarms (default: 0.01, or the least that is possible)", fraction)
      .option("--normal <folder>", "held-out normal pictures (default: the experiment's test images)")
      .option("-n, --samples <number>", "training images and held-out images to compare with, at most", count, 2000)
      .option("--csv <file>", "write all scores as a table")
      .option("--seed <number>", "seed of chains and noise in the score", seed, 0),
    { progress: true },
  )
    .addHelpText("after", examples)
    .action(async (run: string, pictures: string, flags: ScoreFlags) => {
      const { runScoring } = await import("../runs/run-scoring.js");
      process.exitCode = await runScoring(run, pictures, flags);
    });
}
