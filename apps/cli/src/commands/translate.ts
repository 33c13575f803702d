/** `ergodic translate`: pictures of a folder brought to the other side. */
import { Command, InvalidArgumentError, Option } from "commander";
import { countOrNone, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { runOptions } from "./run-options.js";
import type { TranslateFlags } from "../runs/flags.js";

const examples = `
The sides of a run are those of its experiment: a is its first set, b its second. Each picture keeps its size, its name and its folder,
so frames of videos stay in order. Results are PNG files. Orientation tags are applied and transparency is kept. Pictures that cannot
be read are named and left out, and the exit code is 1.

--refine moves each translation by Langevin steps of the energy. The energy takes pictures of the size of training alone, unless
the run was trained with --set options.energyHead=local. Only the networks of the direction are loaded.

Examples:
  $ ergodic translate runs/cyclecoop-mnist-edges-1 digits/ --direction a2b --out edges/
  $ ergodic translate runs/cyclecoop-mnist-edges-1 edges/ --direction b2a --refine 15 --out digits/`;

export function translateCommand(): Command {
  return runOptions(
    experimentOptions(new Command("translate"))
      .description("Translate the pictures of a folder by a run that has learned two sides.")
      .argument("<run>", "run folder")
      .argument("<pictures>", "folder of pictures, with subfolders, or one picture")
      .addOption(
        new Option("--direction <direction>", "from the first side to the second, or back")
          .choices(["a2b", "b2a"])
          .makeOptionMandatory(),
      )
      .option(
        "--refine [steps]",
        "Langevin steps after the translator (default: none; without a number as in training)",
        countOrNone,
      )
      .requiredOption("--out <folder>", "folder of the results", nonEmpty)
      .option("--seed <number>", "seed of the noise of refinement", seed, 0),
    { progress: true },
  )
    .addHelpText("after", examples)
    .action(async (run: string, pictures: string, flags: TranslateFlags) => {
      const { runTranslation } = await import("../runs/run-translation.js");
      process.exitCode = await runTranslation(run, pictures, flags);
    });
}

function nonEmpty(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("Expected a folder.");
  return text;
}
