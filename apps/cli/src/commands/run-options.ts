/** The last options of every command that reads a checkpoint of a run and computes with it. */
import type { Command } from "commander";
import { seed } from "./arguments.js";
import { engineOption, threadsOption } from "./engine-option.js";

/** @param progress whether the command shows progress, which `--quiet` turns off */
export function runOptions(command: Command, { progress = false } = {}): Command {
  command
    .option("--checkpoint <iteration>", "iteration of the checkpoint to use (default: the last)", seed)
    .addOption(engineOption())
    .addOption(threadsOption())
    .option("--json", "print JSON", false);
  if (progress) command.option("-q, --quiet", "no progress", false);
  return command.option("--verbose", "show the stack of an error", false);
}
