/** `ergodic sample-target`: runs a sampler on a density with known moments. */
import { Command, Option } from "commander";
import { count, countOrNone, countUpTo, fraction, positive, seed } from "./arguments.js";
import { engineOption, threadsOption } from "./engine-option.js";
import type { SampleTargetFlags } from "../runs/flags.js";

const examples = `
Kernels: nuts, hmc, mala (warm-up fits their step size and mass), langevin (unadjusted, as energy-based models are trained with),
parallel-tempering (warm-up spaces its temperatures too): for targets with several modes.
Chains start uniformly in [-2, 2] in every coordinate. The folder gets report.html with trace, rank and autocorrelation plots, summary.json,
and draws.safetensors. What is wrong with the draws is said in words; it is no error.

Examples:
  $ ergodic sample-target --list
  $ ergodic sample-target eight-schools
  $ ergodic sample-target ./posterior.ts --chains 8      (export default posterior({ parameters, energy }))
  $ ergodic sample-target ./mine.ts                      (export default { dimension, energy, quantities })
  $ ergodic sample-target correlated-normal --kernel ./barker.ts      (export default (energy) => kernel)
  $ ergodic sample-target funnel --kernel nuts --target-acceptance 0.95
  $ ergodic sample-target correlated-normal --kernel hmc --leapfrog-steps 8 --mass dense --chains 16
  $ ergodic sample-target gaussian-ring --kernel parallel-tempering --chains 8
  $ ergodic sample-target bimodal --kernel langevin --step-size 0.5 --draws 5000 --json`;

export function sampleTargetCommand(): Command {
  return new Command("sample-target")
    .description("Run a sampler on a target with known moments or on your posterior, and say how well it did.")
    .argument(
      "[target]",
      "name of a target (ergodic sample-target --list), or a file that exports a posterior or a target",
    )
    .option("--list", "list the targets with their exact moments", false)
    .option(
      "-k, --kernel <name>",
      "nuts, hmc, mala, langevin, parallel-tempering, or a file that exports a kernel",
      "nuts",
    )
    .option("--chains <number>", "chains, advanced together", count, 4)
    .option(
      "--warmup <number>",
      "steps before the first draw; 0 leaves step size and mass as they are",
      countOrNone,
      1000,
    )
    .option("--draws <number>", "draws of each chain", count, 1000)
    .option("--seed <number>", "seed of everything random", seed, 0)
    .option("--step-size <number>", "where adaptation begins, or the step of kernels that are not adapted", positive)
    .addOption(
      new Option("--mass <form>", "form of the mass (default: diagonal)").choices(["diagonal", "dense", "identity"]),
    )
    .option("--target-acceptance <number>", "acceptance that warm-up aims at (default: the kernel's)", fraction)
    .option("--leapfrog-steps <number>", "leapfrog steps of hmc, and of each replica", countUpTo(10_000))
    .option("--replicas <number>", "temperatures of parallel-tempering", countUpTo(10_000))
    .addOption(engineOption())
    .addOption(threadsOption())
    .option("-o, --out <folder>", "folder to write, empty or new (default: runs/<target>-<kernel>-<number>)")
    .option("--json", "print JSON", false)
    .option("-q, --quiet", "no progress", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (target: string | undefined, flags: SampleTargetFlags) => {
      const { runSampleTarget } = await import("../runs/run-sample-target.js");
      await runSampleTarget(target, flags);
    });
}
