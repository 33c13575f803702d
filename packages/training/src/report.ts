/**
 * Writes report.html of a run. It depends only on the files of the run folder, so it can be
 * rewritten at any time.
 */
import { writeRunFile } from "./files.js";
import { readRun } from "./read-run.js";
import { reportPage, type ReportScores } from "./report-page.js";
import { runPaths } from "./run-paths.js";

/**
 * Writes report.html.
 *
 * @param scores of evaluations, which the caller knows
 * @returns its path
 * @throws RunFolderError
 */
export async function writeReport(folder: string, scores: readonly ReportScores[] = []): Promise<string> {
  const { report } = runPaths(folder);
  await writeRunFile(report, reportPage({ ...(await readRun(folder)), scores }));
  return report;
}
