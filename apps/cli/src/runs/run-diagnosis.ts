/** Implements `ergodic diagnose`: runs long chains of a trained model. */
import { classMeans, diagnoseChain, type DiagnosisProgress, type PictureReference } from "@ergodic/diagnosis";
import { readImageReference, readPlan } from "@ergodic/evaluation/model";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { describeDiagnoses, describePaths, diagnosisPage } from "../diagnosing/describe.js";
import type { PicturedChain } from "../diagnosing/side-by-side.js";
import { worded } from "../diagnosing/words.js";
import { CliError } from "../errors.js";
import { countdown } from "../terminal/countdown.js";
import { jsonResult, jsonText, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";
import type { DiagnoseFlags } from "./flags.js";
import { shownPath, writeInRun } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/** Maximum number of examples for chains that start from data or explain an observation. */
const examples = 256;

/**
 * Diagnoses every chain of a trained run.
 *
 * @throws CliError when its model has none.
 */
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
    const reference = await referenceOf(opened, chains);
    const pictured: PicturedChain[] = [];
    for (const [i, [name, chain]] of chains.entries()) {
      const key = random.fold(random.key(flags.seed), i);
      const onProgress = progressOf(chain.description, shown.stage);
      pictured.push({ name, ...(await diagnoseChain(chain, { ...flags, key, reference, onProgress })) });
    }
    shown.end();
    await publish(opened, pictured, flags);
  } finally {
    shown.end();
    tree.dispose(batch as TensorTree);
    run.dispose();
  }
}

/** Reference images for comparison, if the experiment has some and a chain makes images. */
async function referenceOf(
  { experiment, run }: OpenRun,
  chains: readonly (readonly [string, ModelChain])[],
): Promise<PictureReference | undefined> {
  const plan = readPlan(experiment.evaluation(run.config.options));
  const comparable = chains.some(([, { generative, observe }]) => generative && observe !== undefined);
  if (plan?.reference === undefined || !comparable) return undefined;
  const { reference, test, ...distances } = await readImageReference(plan);
  return { ...distances, classes: classMeans(reference, test) };
}

/** Shows the progress of the diagnosis of a chain. Each stage has its own count. */
function progressOf(description: string, onStage: (text: string) => void): (progress: DiagnosisProgress) => void {
  const counts: Partial<Record<DiagnosisProgress["stage"], ReturnType<typeof countdown>>> = {};
  return ({ stage, done, of }) => {
    if (done === undefined || of === undefined) return onStage(`${description}: ${stageWords[stage]}`);
    (counts[stage] ??= countdown(onStage, `${description}: ${stageWords[stage]}`))(done, of);
  };
}

const stageWords: Readonly<Record<DiagnosisProgress["stage"], string>> = {
  cost: "looking at its cost",
  "long run": "step",
  "short runs": "chain-step of short runs",
  summary: "summarising",
};

async function publish({ run }: OpenRun, pictured: readonly PicturedChain[], flags: DiagnoseFlags): Promise<void> {
  const { folder } = run.paths;
  const diagnoses = Object.fromEntries(pictured.map(({ name, diagnosis }) => [name, worded(diagnosis)]));
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
