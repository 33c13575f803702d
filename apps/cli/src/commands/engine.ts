/** `ergodic engine`: manages native libraries of engines in the user's cache. */
import { Command } from "commander";
import { usageError } from "../errors.js";
import type { Listed } from "../native/install.js";

const examples = `
Examples:
  $ ergodic engine add tensorflow            TensorFlow for the CPU, from PyPI, into the user's cache
  $ ergodic engine add tensorflow --gpu      the same with CUDA (linux x64)
  $ ergodic engine list
  $ ergodic engine remove tensorflow`;

interface Common {
  readonly json: boolean;
  readonly verbose: boolean;
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const describe = ({ engine, version, gpu, bytes, folder }: Listed): string =>
  `${engine} ${version} (${gpu ? "CUDA or CPU" : "CPU"}), ${mebibytes(bytes)}, ${folder}`;

function assertEngine(name: string): void {
  if (name !== "tensorflow") {
    throw usageError(
      `the engine "${name}" needs no native library from here; expected tensorflow. Others: ergodic doctor`,
    );
  }
}

function assertVersion(version: string | undefined): void {
  if (version !== undefined && !/^\d+\.\d+\.\d+$/.test(version)) {
    throw usageError(`"${version}" is no version of TensorFlow; expected three numbers, such as 2.21.0.`);
  }
}

const common = (command: Command): Command =>
  command
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error, and what native libraries log", false);

export function engineCommand(): Command {
  return new Command("engine")
    .description("Add, list and remove native libraries of engines.")
    .addHelpText("after", examples)
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
    .addCommand(proveCommand(), { hidden: true });
}

function addCommand(): Command {
  return common(new Command("add"))
    .description("Get TensorFlow's native library from PyPI, build its addon, and prove that both compute.")
    .argument("<engine>", "tensorflow")
    .option("--gpu", "the library that can use CUDA", false)
    .option("--version <version>", "version of TensorFlow (default: the one that is tested)")
    .action(async (engine: string, options: Common & { readonly gpu: boolean; readonly version?: string }) => {
      assertEngine(engine);
      assertVersion(options.version);
      const { addTensorFlow, DEFAULT_VERSION } = await import("../native/install.js");
      const { jsonResult, note, result } = await import("../terminal/output.js");
      const { reporter } = await import("../native/reporter.js");
      const version = options.version ?? DEFAULT_VERSION;
      const verbose = options.verbose ? ["--verbose"] : [];
      const prove = [process.execPath, process.argv[1]!, "engine", "prove", ...verbose] as const;
      const added = await addTensorFlow({ version, gpu: options.gpu }, [...prove], reporter(note));
      if (options.json) jsonResult(added);
      else
        result(`${added.description}: ${mebibytes(added.bytes)} in ${added.folder}\nUse it with --engine tensorflow.`);
    });
}

function listCommand(): Command {
  return common(new Command("list"))
    .description("List what was added, the one in use first.")
    .action(async ({ json }: Common) => {
      const { listBuilds } = await import("../native/install.js");
      const { jsonResult, result } = await import("../terminal/output.js");
      const builds = await listBuilds();
      if (json) jsonResult(builds);
      else result(builds.length === 0 ? "nothing was added" : builds.map(describe).join("\n"));
    });
}

function removeCommand(): Command {
  return common(new Command("remove"))
    .description("Remove what was added.")
    .argument("<engine>", "tensorflow")
    .option("--version <version>", "only this version of TensorFlow")
    .action(async (engine: string, { json, version }: Common & { readonly version?: string }) => {
      assertEngine(engine);
      assertVersion(version);
      const { removeBuilds } = await import("../native/install.js");
      const { jsonResult, result } = await import("../terminal/output.js");
      const removed = await removeBuilds(version);
      if (json) jsonResult({ removed });
      else result(removed.map((folder) => `removed ${folder}`).join("\n"));
    });
}

/** Run by `add` in its own process, because a library for another processor may crash it. */
function proveCommand(): Command {
  return common(new Command("prove"))
    .argument("<folder>")
    .action(async (folder: string) => {
      const { nativeTensorFlow } = await import("@ergodic/engine");
      const { result } = await import("../terminal/output.js");
      result(await (await nativeTensorFlow()).prove(folder));
    });
}
