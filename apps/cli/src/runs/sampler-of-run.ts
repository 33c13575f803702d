/** What `ergodic sample` draws from a run: its own samples, those of classes, or fresh chains. */
import { freshSamples } from "@ergodic/diagnosis";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { SampleFlags } from "./flags.js";
import { CliError, usageError } from "../errors.js";
import type { OpenRun } from "./open-run.js";

export type Sampler = (key: Key, n: number) => Promise<TensorTree>;

/** Rejects options that do not go together. @throws CliError */
export function assertSampleFlags({ fresh, steps, class: labels }: SampleFlags): void {
  if (steps !== undefined && !fresh) throw usageError("--steps is for fresh chains; add --fresh.");
  if (fresh && labels !== undefined)
    throw usageError("--fresh starts chains of all classes; leave out --fresh or --class.");
}

/**
 * The samplers that the options ask for: one, or one of each class.
 *
 * @throws CliError when the model has none
 */
export function samplersOf(run: OpenRun["run"], { fresh, steps, class: labels }: SampleFlags): Sampler[] {
  if (fresh) return [freshSampler(run, steps)];
  if (labels !== undefined) return classSamplers(run, labels);
  const { learner, state } = run;
  if (learner.sample === undefined)
    throw new CliError("the model of this run makes no samples; its learner has no sample().");
  return [learner.sample.bind(learner, state)];
}

/**
 * Samples by chains from scattered starts.
 *
 * @throws CliError when the model has no chains whose positions are samples
 */
function freshSampler({ learner, state, dataset }: OpenRun["run"], steps: number | undefined): Sampler {
  return async (key, n) => {
    const batch = dataset.batches({ batchSize: 1, key }).at(0);
    try {
      const chains = Object.values(learner.chains?.(state, batch) ?? {});
      const chain = chains.find(({ generative, observe }) => generative && observe !== undefined);
      if (chain === undefined)
        throw new CliError("the model of this run has no chains to start; leave out --fresh and --steps.");
      return await freshSamples(chain, { n, steps, key });
    } finally {
      tree.dispose(batch as TensorTree);
    }
  };
}

/** @throws CliError for models without classes */
function classSamplers({ learner, state }: OpenRun["run"], labels: readonly number[]): Sampler[] {
  const sampleClass = learner.sampleClass?.bind(learner, state);
  if (sampleClass === undefined)
    throw new CliError(
      "the model of this run samples no classes: its learner has no sampleClass(); leave out --class.",
    );
  return labels.map((label) => (key, n) => sampleClass(label, random.fold(key, label), n));
}
