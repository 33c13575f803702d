/** `ergodic weights`: manages the weights of the networks that image scores use. */
import { Command } from "commander";
import { usageError } from "../errors.js";
import { engineOption, threadsOption, type EngineChoice } from "./engine-option.js";
import type { WeightsFile } from "../evaluation/weights.js";

const examples = `
Examples:
  $ ergodic weights inception                    the FID Inception network of 2015-12-05, 91 MiB
  $ ergodic weights inception --check file.pth   whether a file is it
  $ ergodic weights list
  $ ergodic weights lenet                        the classifier of digits that comes along, behind FD-LeNet
  $ ergodic weights lenet --from runs/classifier/mnist-lenet-1 --out folder    the same of a run of your own`;

interface Common {
  readonly cache?: string;
  readonly json: boolean;
}

const common = (command: Command): Command =>
  command
    .option("--cache <folder>", "where weights are kept (default: the user's cache)")
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false);

const describe = ({ path, bytes, sha256, published }: WeightsFile): string => {
  const what = published ? "the published file" : "not the published file: its scores compare with no paper's";
  return `${path}: ${Math.round(bytes / 2 ** 20)} MiB, SHA-256 ${sha256}, ${what}`;
};

export function weightsCommand(): Command {
  return new Command("weights")
    .description("Get and check the weights that FID, KID and Inception Score are computed with.")
    .addHelpText("after", examples)
    .addCommand(inceptionCommand())
    .addCommand(listCommand())
    .addCommand(lenetCommand());
}

function inceptionCommand(): Command {
  return common(new Command("inception"))
    .description("Download the published weights of the FID Inception network, or check a file.")
    .option("--url <address>", "another place of the same file (default: its release on GitHub)")
    .option("--check <file>", "download nothing; say whether this file holds the network")
    .action(async ({ cache, json, url, check }: Common & { readonly url?: string; readonly check?: string }) => {
      if (check !== undefined && url !== undefined) throw usageError("--check downloads nothing; leave out --url.");
      const { checkWeights, fetchWeights, weightsFolder } = await import("../evaluation/weights.js");
      const { jsonResult, note, result } = await import("../terminal/output.js");
      const { reporter } = await import("../native/reporter.js");
      const report = reporter(note);
      const found =
        check === undefined
          ? await fetchWeights({
              folder: cache ?? (await weightsFolder()),
              ...(url === undefined ? {} : { url }),
              onProgress: ({ received, total }) => report.progress(received, total ?? Infinity),
            })
          : await checkWeights(check);
      if (json) jsonResult(found);
      else result(describe(found));
    });
}

function listCommand(): Command {
  return common(new Command("list"))
    .description("List the weights in the cache.")
    .action(async ({ cache, json }: Common) => {
      const { listWeights, weightsFolder } = await import("../evaluation/weights.js");
      const { jsonResult, result } = await import("../terminal/output.js");
      const folder = cache ?? (await weightsFolder());
      const files = await listWeights(folder);
      if (json) jsonResult(files);
      else result(files.length === 0 ? `no weights in ${folder}` : files.map(describe).join("\n"));
    });
}

interface LenetFlags {
  readonly from?: string;
  readonly out?: string;
  readonly engine?: EngineChoice;
  readonly json: boolean;
}

function lenetCommand(): Command {
  return new Command("lenet")
    .description("Say what the classifier of digits is and how it was made, or write the weights of a run.")
    .option("--from <run>", "run of classifier/mnist-lenet; its accuracy on the test digits must be 99 % or more")
    .option("-o, --out <folder>", "where lenet-mnist.safetensors and lenet-mnist.json go, with --from")
    .addOption(engineOption())
    .addOption(threadsOption())
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .action(async ({ from, out, engine, json }: LenetFlags) => {
      if ((from === undefined) !== (out === undefined)) throw usageError("--from and --out belong together.");
      const { describeLenet, shippedLenetFile, writeLenet } = await import("../evaluation/lenet-weights.js");
      const { jsonResult, result } = await import("../terminal/output.js");
      const made =
        from === undefined || out === undefined
          ? shippedLenetFile
          : await writeLenet({ run: from, folder: out, ...(engine === undefined ? {} : { engine }) });
      if (json) jsonResult(made);
      else result(describeLenet(made));
    });
}
