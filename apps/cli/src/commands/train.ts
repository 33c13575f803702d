/**
 * `ergodic train`: trains a preset or an experiment file into a run folder, or continues a stopped
 * run.
 */
import { Command, Option } from "commander";
import { usageError } from "../errors.js";
import { countUpTo, list, positive, repeated, seed } from "./arguments.js";
import { engineOption, threadsOption } from "./engine-option.js";
import { experimentOptions } from "./experiment-options.js";
import type { TrainFlags } from "../runs/flags.js";

const examples = `
Examples:
  $ ergodic train quickstart
  $ ergodic train quickstart --seed 1 --out runs/second-seed
  $ ergodic train latent-prior/mnist --set training.iterations=2000 --set training.batchSize=64
  $ ergodic train recovery/mnist-32 --dry-run                    how large it is and how long it would take
  $ ergodic train ./my-ebm.ts --engine cpu
  $ ergodic train toy/ebm-denoising --set training.seed=0,1,2    three runs, and their scores side by side
  $ ergodic train --resume last
  $ ergodic train --resume runs/quickstart-1 --set training.iterations=2000      train a finished run further
  $ ergodic train quickstart --out runs/two --local-workers 2                    two processes here train one model
  $ ergodic train quickstart --out runs/two --workers a:2222,b:2222 --task 0     the same on two machines; --task 1 on b

Workers train one model on TensorFlow's engine: each sees its share of every batch. On several machines all see the run folder.
Their addresses come from --workers and --task, or from TF_CONFIG. With workers, the same command with --out of a run that stopped
goes on from its last checkpoint.
Ctrl-C, SIGTERM and SIGHUP finish the iteration, save a checkpoint and say how to resume; a second signal stops at once.
The run keeps a copy of the experiment file, and of the files it imports by a relative path. --resume refuses them when they have
changed; --accept-changes goes on with them as they are now.
Exit codes: 0 done, 1 failed, 2 wrong usage, 129 hung up, 130 interrupted, 143 terminated.`;

export function trainCommand(): Command {
  return experimentOptions(new Command("train"))
    .description("Train a preset or an experiment file; results go to a run folder.")
    .argument("[experiment]", "name of a preset (ergodic presets) or path of an experiment file (.ts, .js, .mjs)")
    .option("-o, --out <folder>", "run folder, must not exist yet (default: runs/<name>-<number>)")
    .option(
      "-s, --set <key=value>",
      "change a setting, for instance training.batchSize=64; several values make several runs (repeatable)",
      repeated,
      [],
    )
    .option("--seed <number>", "seed of everything random, short for --set training.seed=<number>", seed)
    .addOption(engineOption("auto, or the engine of the resumed run"))
    .addOption(threadsOption())
    .addOption(
      new Option(
        "-r, --resume <run folder>",
        "go on from the last checkpoint of a run; last is the newest in runs/",
      ).conflicts("out"),
    )
    .option(
      "--dry-run",
      "measure a few iterations: parameters, work, memory and time to the end, with --resume that of a run; nothing is written",
      false,
    )
    .option("--workers <list>", "train with these workers, host:port,host:port,... (engine tensorflow)", list)
    .option("--task <number>", "index of this worker in --workers", seed)
    .addOption(
      new Option("--local-workers <number>", "start so many workers on this machine")
        .argParser(countUpTo(64, 2))
        .conflicts(["workers", "task", "dryRun"]),
    )
    .option("--patience <seconds>", "how far a worker may be behind the others before all stop", positive, 50)
    .option("--accept-workers", "go on with a run of another number of workers", false)
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
            : `--resume takes its experiment from the run folder; leave out "${experiment}", or name it with --experiment.`,
        );
      }
      if (flags.resume === undefined && (flags.experiment !== undefined || flags.acceptChanges)) {
        throw usageError(
          "--experiment and --accept-changes are for --resume; a new run takes its experiment as an argument.",
        );
      }
      const { clusterOf } = await import("../cluster/members.js");
      const cluster = flags.localWorkers === undefined ? clusterOf(flags) : undefined;
      if (flags.localWorkers === undefined && cluster === undefined) {
        const { runTraining } = await import("../runs/run-training.js");
        process.exitCode = await runTraining(experiment, flags);
        return;
      }
      const { trainAsWorker, trainHere } = await import("../cluster/run-workers.js");
      process.exitCode =
        cluster === undefined
          ? await trainHere(experiment, flags.localWorkers!, flags)
          : await trainAsWorker(experiment, cluster, flags);
    });
}
