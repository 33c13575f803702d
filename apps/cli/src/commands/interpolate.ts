/** `ergodic interpolate`: what a model makes along ways through its latents. */
import { Command, Option } from "commander";
import { count, countUpTo, groups, positive, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { runOptions } from "./run-options.js";
import type { InterpolateFlags } from "../runs/flags.js";

const examples = `
Kinds of grids, one row for each:
  pairs      two inferred latents, and the great circle between them at equal angles. Latents are in coordinates where the base law
             is N(0, I), whose draws have nearly one length: a straight line between two of them would pass through shorter ones
  traversal  one coordinate of one latent, moved from -range to range. The middle column is the latent itself
  chain      one Langevin chain of the prior from its start, at even steps. The mean energy of the chains is printed,
             and that of its learned part, the tilt
  layers     one layer of a latent drawn anew, by the chain of the prior, with the other layers held. The first column is the latent
             itself. For models with several layers of latents, joint-prior/*
  noise      two samples, and those whose random numbers lie between, at equal angles. For models without latents, recovery/* and cdrl/*

Latents are inferred from test images, or from pictures of your own. --sampled takes those of the model's samples.

Examples:
  $ ergodic interpolate runs/quickstart-1
  $ ergodic interpolate runs/quickstart-1 scans/ --n 4 --columns 13 --out between.png
  $ ergodic interpolate runs/quickstart-1 --kind traversal --range 2 --sampled
  $ ergodic interpolate runs/quickstart-1 --kind chain --steps 2000 --json | jq .energies
  $ ergodic interpolate runs/joint-prior-mnist-1 --kind layers --redraw z1
  $ ergodic interpolate runs/recovery-digits-16-1 --kind noise`;

export function interpolateCommand(): Command {
  return runOptions(
    experimentOptions(new Command("interpolate"))
      .description("Draw what a trained model makes along ways through its latents.")
      .argument("<run>", "run folder")
      .argument(
        "[pictures]",
        "folder of pictures, with subfolders, or one picture (default: the experiment's test images)",
      )
      .addOption(
        new Option("-k, --kind <kind>", "what the rows show")
          .choices(["pairs", "traversal", "chain", "layers", "noise"])
          .default("pairs"),
      )
      .option(
        "-n, --n <number>",
        "pairs, coordinates, chains, latents or rows, at most (default: 8 pairs, 32 coordinates, 8 chains, 4 latents, 8 rows)",
        countUpTo(500),
      )
      .option("--columns <number>", "pictures in a row", countUpTo(100, 2), 11)
      .option("--sampled", "latents of samples instead of inferred ones", false)
      .option(
        "--range <number>",
        "of a traversal: the largest change, in standard deviations of N(0, 1) (default: 3)",
        positive,
      )
      .option("--steps <number>", "of chains (default: 100)", count)
      .option(
        "--redraw <layers>",
        "of layers: what to draw together, for instance z1,z2; repeat it for more rows",
        groups,
      )
      .option("--seed <number>", "seed of everything random", seed, 0)
      .option(
        "-o, --out <file>",
        "PNG or text file to write (default: <run>/samples/<kind>-<seed>.png, .txt for text)",
      ),
  )
    .addHelpText("after", examples)
    .action(async (run: string, pictures: string | undefined, flags: InterpolateFlags) => {
      const { runInterpolation } = await import("../runs/run-interpolation.js");
      process.exitCode = await runInterpolation(run, pictures, flags);
    });
}
