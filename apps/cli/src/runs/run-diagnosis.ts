/** The work of `ergodic diagnose`: long chains of a trained model. */
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { describeDiagnoses, describePaths, diagnosisPage } from "../diagnosing/describe.js";
import { judge } from "../diagnosing/judge.js";
import { longRun } from "../diagnosing/long-run.js";
import { classVisits, pictureChange } from "../diagnosing/pictures.js";
import { settled } from "../diagnosing/rows.js";
import { chainsToCompare, compareShortRun, readYardstick, type Yardstick } from "../diagnosing/short-run.js";
import type { PicturedChain } from "../diagnosing/side-by-side.js";
import { stepCost } from "../diagnosing/step-cost.js";
import { CliError } from "../errors.js";
import { readPlan } from "../evaluation/plan.js";
import { jsonResult, jsonText, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";
import type { DiagnoseFlags } from "./flags.js";
import { shownPath, writeInRun } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/** Examples for chains that start from data or explain an observation, at most. */
const examples = 256;

/** Steps of a long chain, in short runs, at most. */
const shortRuns = 100;

/** Diagnoses every chain of a trained run. @throws CliError when its model has none. */
export async function runDiagnosis(folder: string, flags: DiagnoseFlags): Promise<void> {
  const opened = await openRun(folder, flags);
  const { run } = opened;
  const batch = run.dataset
    .batches({ batchSize: Math.min(examples, run.dataset.size), key: random.key(flags.seed) })
    .at(0);
  const shown = stages(stderrTarget, flags);
  try {
    const chains = Object.entries(run.learner.chains?.(run.state, batch) ?? {});
    if (chains.length === 0) {
      throw new CliError("the model of this run has no chains to diagnose; give its learner chains(state, batch).");
    }
    shown.stage("reading reference images");
    const yardstick = await yardstickOf(opened, chains);
    const pictured: PicturedChain[] = [];
    for (const [i, [name, chain]] of chains.entries()) {
      const key = random.fold(random.key(flags.seed), i);
      pictured.push({ name, ...(await diagnoseChain(chain, { ...flags, key, yardstick }, shown.stage)) });
    }
    shown.end();
    await publish(opened, pictured, flags);
  } finally {
    shown.end();
    tree.dispose(batch as TensorTree);
    run.dispose();
  }
}

/** Images to compare with, where the experiment has some and a chain makes any. */
async function yardstickOf(
  { experiment, run }: OpenRun,
  chains: readonly (readonly [string, ModelChain])[],
): Promise<Yardstick | undefined> {
  const plan = readPlan(experiment.evaluation(run.config.options));
  const comparable = chains.some(([, { generative, show }]) => generative && show !== undefined);
  return plan === undefined || !comparable ? undefined : readYardstick(plan);
}

interface ChainRequest extends Pick<DiagnoseFlags, "chains" | "steps" | "n"> {
  readonly key: Key;
  readonly yardstick: Yardstick | undefined;
}

async function diagnoseChain(
  chain: ModelChain,
  { chains, steps, n, key, yardstick }: ChainRequest,
  onStage: (text: string) => void,
): Promise<Omit<PicturedChain, "name">> {
  const [longKey, shortKey] = random.split(key, 2) as [Key, Key];
  onStage(`${chain.description}: looking at its cost`);
  const cost = stepCost(chain);
  const length = steps === undefined ? { steps: shortRuns * chain.steps, settled } : { steps };
  const run = await longRun(chain, { ...length, chains, key: longKey, cost }, onStage);
  const compared = { n: n ?? chainsToCompare(chain, cost), key: shortKey, cost, yardstick };
  const shortRun = await compareShortRun(chain, compared, onStage);
  onStage(`${chain.description}: summarising`);
  const pictures = pictureChange(run.snapshots);
  const classes = yardstick?.classes && classVisits(run.snapshots, yardstick.classes);
  return { run, diagnosis: judge({ chain, run, shortRun, pictures, classes }) };
}

async function publish({ run }: OpenRun, pictured: readonly PicturedChain[], flags: DiagnoseFlags): Promise<void> {
  const { folder } = run.paths;
  const diagnoses = Object.fromEntries(pictured.map(({ name, diagnosis }) => [name, diagnosis]));
  const { iteration } = run;
  const { seed, chains, n, steps } = flags;
  const settings = { run: run.paths.folder, iteration, seed, chains, ...(n && { n }), ...(steps && { steps }) };
  const entries = Object.entries(settings).map(([name, value]) => [name, String(value)] as const);
  const numbers = await writeInRun(folder, ["diagnosis", "diagnosis.json"], jsonText({ ...settings, diagnoses }));
  const page = await diagnosisPage(`Diagnosis of ${shownPath(folder)}`, pictured, entries);
  const report = await writeInRun(folder, ["diagnosis", "report.html"], page);
  if (flags.json) jsonResult({ ...settings, report, diagnoses });
  else result(`${describeDiagnoses(diagnoses)}\n\n${describePaths(shownPath(report), shownPath(numbers))}`);
}
