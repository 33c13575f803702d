/** `ergodic export`: a function of a trained run as an ONNX file or a SavedModel. */
import { Command, Option } from "commander";
import { countUpTo, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import type { ExportFlags } from "../runs/flags.js";

const examples = `
The file holds standard ONNX operators (opset 18) or TensorFlow's, and the trained parameters, for batches of --n. It draws no random
numbers: what a sampler draws is an input whose description says what to feed.

Examples:
  $ ergodic export runs/quickstart-1                    lists what it can export
  $ ergodic export runs/quickstart-1 --what energy
  $ ergodic export runs/quickstart-1 --what generator --n 64 --out generator.onnx
  $ ergodic export runs/quickstart-1 --what generator --format saved-model    a folder for tf.saved_model.load
  $ ergodic export runs/quickstart-1 --what sampler-step --json`;

export function exportCommand(): Command {
  return experimentOptions(new Command("export"))
    .description("Write a part of a trained run as an ONNX file or a SavedModel of TensorFlow.")
    .argument("<run>", "run folder")
    .option("-w, --what <name>", "energy, generator, sampler-step, or what else the model has (default: list them)")
    .option("-n, --n <number>", "examples in a batch", countUpTo(100_000), 1)
    .addOption(new Option("--format <format>", "kind of file").choices(["onnx", "saved-model"]).default("onnx"))
    .option("-o, --out <path>", "file, or folder of a SavedModel (default: <run>/exports/<name>, of ONNX <name>.onnx)")
    .option("--checkpoint <iteration>", "iteration of the checkpoint to use (default: the last)", seed)
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (run: string, flags: ExportFlags) => {
      const { runExport } = await import("../runs/run-export.js");
      await runExport(run, flags);
    });
}
