/** `ergodic compare`: settings, metrics, scores and pictures of several runs side by side. */
import { Command } from "commander";
import { usageError } from "../errors.js";
import type { CompareFlags } from "../runs/run-compare.js";

/** Curves have as many colours. */
const most = 8;

const examples = `
Prints the last metrics, the scores of ergodic evaluate, and the settings that differ. The page adds curves on common axes and pictures.

Examples:
  $ ergodic compare runs/quickstart-1 runs/quickstart-2
  $ ergodic compare runs/toy-* --out toys
  $ ergodic compare runs/a runs/b --json | jq .settings`;

export function compareCommand(): Command {
  return new Command("compare")
    .description("Compare runs: what differs in their settings, metrics, scores and pictures.")
    .argument("<runs...>", "two to eight run folders")
    .option("-o, --out <folder>", "folder of the page, empty or new (default: runs/compare-<number>)")
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (folders: string[], flags: CompareFlags) => {
      if (folders.length < 2 || folders.length > most) {
        throw usageError(`compare takes two to ${most} runs, not ${folders.length}.  (all: ergodic runs)`);
      }
      const { runCompare } = await import("../runs/run-compare.js");
      await runCompare(folders, flags);
    });
}
