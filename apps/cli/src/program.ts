/**
 * The whole command line: its commands, their help, and the conversion of errors to messages and
 * exit codes.
 */
import { Command, CommanderError } from "commander";
import { compareCommand } from "./commands/compare.js";
import { diagnoseCommand } from "./commands/diagnose.js";
import { doctorCommand } from "./commands/doctor.js";
import { engineCommand } from "./commands/engine.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { applyThreads } from "./commands/engine-option.js";
import { exportCommand } from "./commands/export.js";
import { initCommand } from "./commands/init.js";
import { inpaintCommand } from "./commands/inpaint.js";
import { interpolateCommand } from "./commands/interpolate.js";
import { metricsCommand } from "./commands/metrics.js";
import { presetsCommand } from "./commands/presets.js";
import { reconstructCommand } from "./commands/reconstruct.js";
import { runsCommand } from "./commands/runs.js";
import { sampleCommand } from "./commands/sample.js";
import { sampleTargetCommand } from "./commands/sample-target.js";
import { scoreCommand } from "./commands/score.js";
import { trainCommand } from "./commands/train.js";
import { translateCommand } from "./commands/translate.js";
import { weightsCommand } from "./commands/weights.js";
import { CliError, exitCode } from "./errors.js";
import { note } from "./terminal/output.js";
import { version } from "./manifest.js";

const examples = `
Examples:
  $ ergodic presets                        what can be trained at once
  $ ergodic train quickstart               MNIST digits in a few minutes on a CPU
  $ ergodic init my-ebm.ts                 an experiment file of your own
  $ ergodic train ./my-ebm.ts              trains it
  $ ergodic runs                           what was trained
  $ ergodic compare runs/quickstart-1 runs/quickstart-2
                                           what differs between runs
  $ ergodic metrics runs/quickstart-1      its logged metrics as CSV
  $ ergodic sample runs/quickstart-1       a grid of samples as PNG
  $ ergodic reconstruct runs/quickstart-1  test images beside their reconstructions
  $ ergodic interpolate runs/quickstart-1  ways through its latents
  $ ergodic inpaint runs/recovery-digits-16-1
                                           images whose unknown part it fills
  $ ergodic evaluate runs/quickstart-1     scores of the trained model
  $ ergodic score runs/quickstart-1 new/   which pictures are unlike those it learned
  $ ergodic translate runs/cyclecoop-mnist-edges-1 digits/ --direction a2b --out edges/
                                           pictures brought to the other side
  $ ergodic diagnose runs/quickstart-1     whether its chains mix
  $ ergodic export runs/quickstart-1 --what generator
                                           a part of the model as an ONNX file
  $ ergodic sample-target eight-schools    a sampler tried where the truth is known
  $ ergodic weights inception              the network that FID is computed with
  $ ergodic doctor                         engines of this machine`;

/** All commands, ready to parse. Errors are thrown; the process does not exit. */
export function buildProgram(): Command {
  const program = new Command("ergodic")
    .description("Learn and sample energy-based models.")
    .version(version, "-V, --version", "print the version")
    // Allows a command to have its own --version.
    .enablePositionalOptions()
    .helpOption("-h, --help", "show help")
    .addHelpText("after", examples)
    .hook("preAction", (_, command) => applyThreads(command.opts()));
  for (const command of [
    initCommand(),
    trainCommand(),
    runsCommand(),
    compareCommand(),
    metricsCommand(),
    sampleCommand(),
    reconstructCommand(),
    interpolateCommand(),
    inpaintCommand(),
    evaluateCommand(),
    scoreCommand(),
    translateCommand(),
    diagnoseCommand(),
    exportCommand(),
    sampleTargetCommand(),
    doctorCommand(),
    engineCommand(),
    weightsCommand(),
    presetsCommand(),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError(`(usage and examples: ${commandLine(command)} --help)`);
  }
  return program;
}

/** Runs one command line and returns the exit code. Never throws. */
export async function run(args: readonly string[]): Promise<number> {
  const program = buildProgram();
  if (args.length === 0) {
    program.outputHelp();
    return exitCode.ok;
  }
  // The engine silences TensorFlow's library unless a log level is set.
  if (args.includes("--verbose")) process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "0";
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? exitCode.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
    const { describeError } = await import("./describe-error.js");
    note(describeError(error, args.includes("--verbose")));
    return error instanceof CliError ? error.code : exitCode.failure;
  }
}

function commandLine(command: Command): string {
  return command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
}
