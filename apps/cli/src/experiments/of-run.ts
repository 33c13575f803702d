/**
 * Finds the experiment of a run again.
 *
 * A run folder may come from anywhere, so an experiment that it names is not trusted. Only these
 * are run:
 * - presets
 * - a file that the user names now
 * - the recorded file, if its hash is among those that this user has trained with here
 *
 * A file that has changed since is rejected, unless the user accepts the changes.
 */
import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { readSource, recordOfSource, runPaths, type ExperimentSource, type RunRecord } from "@ergodic/training/node";
import { CliError } from "../errors.js";
import { printable } from "../terminal/format.js";
import { note } from "../terminal/output.js";
import { sourceDifference } from "./difference.js";
import { loadCopy, loadNamed, loadPreset, isPreset, type ResolvedExperiment } from "./resolve.js";
import { findTrusted, type TrustedExperiment } from "./trusted.js";

/** The user's options about the experiment of a run. */
export interface ExperimentChoice {
  /** A file that replaces the one the run names. */
  readonly experiment?: string;
  /** Whether the file may differ from that of the run. */
  readonly acceptChanges: boolean;
}

/** The run whose experiment is wanted. */
interface Run {
  readonly folder: string;
  readonly record: RunRecord;
}

/**
 * Finds the experiment of a run.
 *
 * @throws CliError that says why it is not run, and what the user can do.
 */
export async function experimentOfRun(run: Run, choice: ExperimentChoice): Promise<ResolvedExperiment> {
  const { folder, record } = run;
  const { origin, source } = record;
  if (choice.experiment !== undefined) {
    return loadNamed(choice.experiment, (path, now) => assertSame(run, path, now, choice));
  }
  if (origin === null) {
    throw new CliError(
      `the run ${folder} does not say what experiment it was made with. Name its file with --experiment <file>.`,
    );
  }
  if (isPreset(origin)) return loadPreset(origin);
  const where = printable(origin);
  if (!isAbsolute(origin)) {
    throw new CliError(
      `the run ${folder} was made with the preset "${where}", which this version does not have.  (all: ergodic presets)`,
    );
  }
  if (source === undefined) {
    throw new CliError(
      `the run ${folder} was made with the file ${where}, but not by a version that records what the file held. ` +
        "A run folder from elsewhere could name any file, so it is not run unasked. If you trust it, name it: --experiment <file>",
    );
  }
  const trusted = await findTrusted(source.sha256);
  if (trusted === undefined) throw await foreign(run, where);
  if (!trusted.origins.includes(origin) || !existsSync(origin)) return copyOf(trusted, origin);
  return loadNamed(origin, (path, now) => assertSame(run, path, now, choice));
}

/** The copy that was stored when the user trained with the experiment. */
async function copyOf(
  { copy, origins: [place = copy] }: TrustedExperiment,
  origin: string,
): Promise<ResolvedExperiment> {
  note(`note: using the copy of ${printable(origin)} that was kept when it was trained with on this machine.`);
  return loadCopy(copy, place, origin);
}

/**
 * Checks that a file is the source of the run.
 *
 * @throws CliError with the difference when it is not.
 */
async function assertSame(run: Run, path: string, now: ExperimentSource, choice: ExperimentChoice): Promise<void> {
  const { source: recorded } = run.record;
  if (choice.acceptChanges || recorded === undefined || recordOfSource(now).sha256 === recorded.sha256) return;
  const before = (await findTrusted(recorded.sha256))?.source ?? (await keptSource(run));
  const lines = before === undefined ? ["only the hash of the earlier file is known"] : sourceDifference(before, now);
  const back = before === undefined ? "" : `, or use the file as it was: --experiment ${keptPath(run)}`;
  throw new CliError(
    `${path} differs from what the run ${run.folder} was made with:\n${lines.map((line) => `    ${line}`).join("\n")}\n` +
      `  Undo the changes, add --accept-changes to use the file as it is now${back}`,
  );
}

async function foreign(run: Run, where: string): Promise<CliError> {
  const copy = (await keptSource(run)) === undefined ? "" : ` A copy to read and to name is ${keptPath(run)}.`;
  return new CliError(
    `the run ${run.folder} was made with the file ${where} (SHA-256 ${run.record.source?.sha256}), ` +
      "which you have not trained with on this machine in this form. Using it would run its code, " +
      `so it is not run unasked. If you trust it, name it: --experiment <file>.${copy}`,
  );
}

/** The copy in the run folder, if it matches config.json. It is only read, never run. */
function keptSource({ folder, record }: Run): Promise<ExperimentSource | undefined> {
  return readSource(runPaths(folder).experiment, record.source!).catch(() => undefined);
}

function keptPath({ folder, record }: Run): string {
  return printable(join(folder, "experiment", record.source?.entry ?? ""));
}
