/** Implements `ergodic compare`. */
import { join } from "node:path";
import { compareRuns, openCompared } from "../comparing/compared.js";
import { describeComparison } from "../comparing/describe.js";
import { comparisonPage } from "../comparing/page.js";
import { jsonResult, result } from "../terminal/output.js";
import { claimFolder, nextRunFolder, shownPath, writeResult } from "./folders.js";

export interface CompareFlags {
  readonly out?: string;
  readonly json: boolean;
}

/** Prints how runs differ, and writes a page with their pictures side by side. */
export async function runCompare(folders: readonly string[], { out, json }: CompareFlags): Promise<void> {
  const comparison = compareRuns(await Promise.all(folders.map(openCompared)));
  const { folder } = await (out === undefined ? nextRunFolder("compare") : claimFolder(out));
  const report = join(folder, "report.html");
  await writeResult(report, comparisonPage(comparison));
  const { settings, metrics, scores } = comparison;
  if (json) jsonResult({ runs: folders, settings, metrics, scores, report });
  else result(`${describeComparison(comparison)}\n\nreport  ${shownPath(report)}`);
}
