/** Implements `ergodic runs`. */
import { flattenJson } from "@ergodic/training";
import { metricsOf } from "../comparing/compared.js";
import { alignedTable, duration, short, withThousands, words } from "../terminal/format.js";
import { jsonResult, result } from "../terminal/output.js";
import { headline } from "../terminal/progress.js";
import { shownPath } from "./folders.js";
import { knownRuns, type KnownRun } from "./known-runs.js";

/** Lists the runs of a folder, the newest last. */
export async function runList(runs: string, { json }: { readonly json: boolean }): Promise<void> {
  const known = await knownRuns(runs);
  if (json) return jsonResult(known.map(described));
  if (known.length === 0) return result(`no runs in ${runs}. Train something: ergodic train quickstart`);
  const rows = known.map((run) => {
    const { status, iteration, iterations, seconds, seed, metrics } = described(run);
    const [first] = headline(metrics);
    return [
      shownPath(run.folder),
      status,
      `${withThousands(iteration)}/${withThousands(iterations)}`,
      duration(seconds),
      String(seed),
      first === undefined ? "-" : `${words(first[0])} ${short(first[1])}`,
    ];
  });
  result(alignedTable(["run", "status", "iterations", "time", "seed", "last"], rows));
}

function described({ folder, changed, content: { record, standing, metrics } }: KnownRun) {
  const last = metrics.at(-1);
  return {
    folder,
    experiment: record.experiment ?? record.origin,
    status: standing.status,
    iteration: last?.iteration ?? 0,
    iterations: flattenJson(record.config).get("training.iterations") as number,
    seconds: last?.seconds ?? 0,
    seed: record.seed,
    changed: new Date(changed).toISOString(),
    metrics: metricsOf(last),
  };
}
