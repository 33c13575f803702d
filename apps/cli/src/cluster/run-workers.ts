/** Implements `ergodic train` by several workers. */
import { existsSync } from "node:fs";
import { useEngine, type Cluster } from "@ergodic/engine";
import { removeEmpty, runPaths, trainInCluster } from "@ergodic/training/node";
import { exitCode, usageError, type ExitCode } from "../errors.js";
import { resolveExperiment } from "../experiments/resolve.js";
import type { TrainFlags } from "../runs/flags.js";
import { nextRunFolder } from "../runs/folders.js";
import {
  planNew,
  planResume,
  remember,
  scored,
  tellInterrupted,
  trainWithProgress,
  type Plan,
} from "../runs/run-training.js";
import { jsonResult, note } from "../terminal/output.js";
import { runLocalWorkers, stopWithStarter } from "./local-workers.js";

/** Starts workers on this machine that train in one run folder. */
export async function trainHere(text: string | undefined, count: number, flags: TrainFlags): Promise<ExitCode> {
  const args = withoutOption(process.argv.slice(2), "--local-workers");
  if (text === undefined || flags.out !== undefined) return runLocalWorkers(count, args);
  const { folder, made } = await nextRunFolder((await resolveExperiment(text)).name);
  try {
    return await runLocalWorkers(count, [...args, "--out", folder]);
  } finally {
    await removeEmpty(made);
  }
}

/** Arguments without an option and its value. */
export function withoutOption(args: readonly string[], option: string): string[] {
  const at = args.indexOf(option);
  if (at >= 0) return [...args.slice(0, at), ...args.slice(at + 2)];
  return args.filter((arg) => !arg.startsWith(`${option}=`));
}

/** Trains as one of several workers. A run that is in the folder goes on. */
export async function trainAsWorker(text: string | undefined, cluster: Cluster, flags: TrainFlags): Promise<ExitCode> {
  stopWithStarter();
  const plan = await planOf(text, flags);
  const engine = await useEngine(flags.engine ?? "tensorflow");
  const leads = cluster.task === 0;
  if (leads) await remember(plan.resolved);
  const notice = (message: string) => note(`note: ${message}`);
  const shown = leads ? flags : { ...flags, quiet: true };
  const trained = await trainInCluster({ ...cluster, notice }, () => trainWithProgress(plan, engine, shown));
  const { interrupted } = trained;
  if (!leads) return interrupted ?? exitCode.ok;
  const again = ` with the ${cluster.workers.length} workers`;
  if (interrupted !== undefined) return tellInterrupted(trained, interrupted, flags, again);
  const { evaluation } = await scored(plan, trained, flags);
  if (flags.json) jsonResult({ ...trained, evaluation });
  return exitCode.ok;
}

/** @throws CliError without a folder, in which the workers could not meet */
async function planOf(text: string | undefined, flags: TrainFlags): Promise<Plan> {
  if (flags.dryRun) throw usageError("--dry-run measures one process; leave out --workers and --task, or TF_CONFIG.");
  const folder = flags.resume ?? flags.out;
  if (folder === undefined || folder === "last")
    throw usageError("workers train in one run folder that all of them see; name it: --out <folder>.");
  if (text === undefined || existsSync(runPaths(folder).config)) return planResume({ ...flags, resume: folder });
  const [plan] = await planNew(text, flags);
  return plan!;
}
