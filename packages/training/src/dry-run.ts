/** A few iterations of an experiment without a run folder: its size, and the time it would take. */
import { countMultiplyAdds, ensureEngine } from "@ergodic/engine";
import { resolveConfig, type Config } from "./config.js";
import { disposeTensors } from "./dispose.js";
import type { Experiment } from "./experiment.js";
import type { LearnerState } from "./learner.js";
import { phaseAt } from "./phases.js";
import { initialState, openSession, parameterSizes, type Session } from "./session.js";

/** One phase, or the whole of a run without phases. */
export interface MeasuredPhase {
  readonly name: string | undefined;
  readonly iterations: number;
  /** Of these, the iterations that are left to do. */
  readonly left: number;
  /** Of an iteration: those of convolutions and matrix products in compiled programs. */
  readonly multiplyAdds: number;
  /** Of the first iteration, which compiles. */
  readonly firstSeconds: number;
  /** Of a later iteration: the median of those measured. */
  readonly seconds: number;
}

export interface DryRun {
  readonly data: string;
  /** The model and the sizes of its parameters, in words. */
  readonly model: string;
  readonly phases: readonly MeasuredPhase[];
  /** Largest resident memory of the process so far, in bytes. */
  readonly peakMemory: number;
  /** Estimated seconds of the whole run, without samples, checkpoints and evaluation. */
  readonly secondsToEnd: number;
}

export interface DryRunOptions<S extends LearnerState, Batch, O, E> {
  readonly experiment: Experiment<S, Batch, O, E>;
  /** Default: the experiment's own settings. */
  readonly config?: Config<O>;
  /** Iterations that a run has done: the time to the end is that of the others. Default 0. */
  readonly done?: number;
  /** Seconds after which no further iteration of a phase is measured. Default 3. */
  readonly patience?: number;
}

/** Most iterations that are measured after the first. */
const MOST = 20;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;

/** Seconds of the iterations that a phase has left. */
const secondsLeft = ({ left, firstSeconds, seconds }: MeasuredPhase): number =>
  left === 0 ? 0 : firstSeconds + (left - 1) * seconds;

/** The first iterations of every phase, each from the state that the phase before left. */
async function measured<S extends LearnerState, B>(
  { learner, batches, keys }: Session<S, B>,
  start: S,
  { training }: Config,
  { done, patience }: { readonly done: number; readonly patience: number },
): Promise<{ phases: MeasuredPhase[]; state: S }> {
  const lengths = Object.entries(training.phases ?? { "": training.iterations }).filter(([, length]) => length > 0);
  const phases: MeasuredPhase[] = [];
  let [state, from] = [start, 0];

  const iterate = async (iteration: number): Promise<{ seconds: number; multiplyAdds: number }> => {
    const batch = batches.at(iteration);
    const phase = phaseAt(training.phases, iteration);
    const context = { key: keys.iteration(iteration), iteration, ...(phase && { phase }) };
    const began = performance.now();
    const { result, multiplyAdds } = await countMultiplyAdds(() => learner.update(state, batch, context));
    const seconds = (performance.now() - began) / 1000;
    disposeTensors([batch, state], [result.state]);
    disposeTensors(result.metrics);
    ({ state } = result);
    return { seconds, multiplyAdds };
  };

  for (const [name, iterations] of lengths) {
    const first = await iterate(from);
    const later: { seconds: number; multiplyAdds: number }[] = [];
    const began = performance.now();
    for (let i = 1; i < Math.min(iterations, 1 + MOST); i++) {
      later.push(await iterate(from + i));
      if (performance.now() - began > 1000 * patience) break;
    }
    const seconds = later.length === 0 ? first.seconds : median(later.map((one) => one.seconds));
    const multiplyAdds = (later.at(-1) ?? first).multiplyAdds;
    const left = iterations - Math.min(iterations, Math.max(0, done - from));
    phases.push({ name: name || undefined, iterations, left, multiplyAdds, firstSeconds: first.seconds, seconds });
    from += iterations;
  }
  return { phases, state };
}

/**
 * Measures a few iterations of every phase. Nothing is written.
 *
 * @throws ConfigError, and any error of data and model
 */
export async function dryRun<S extends LearnerState, B, O, E>(options: DryRunOptions<S, B, O, E>): Promise<DryRun> {
  const { experiment, config = resolveConfig(experiment), done = 0, patience = 3 } = options;
  await ensureEngine();
  const session = await openSession(experiment, config);
  try {
    const fresh = await initialState(session);
    const model = [session.learner.describe?.(), parameterSizes(fresh)].filter((words) => words !== undefined);
    const { phases, state } = await measured(session, fresh, config, { done, patience });
    disposeTensors(state);
    return {
      data: session.dataset.description,
      model: model.join("; "),
      phases,
      peakMemory: process.resourceUsage().maxRSS * 1024,
      secondsToEnd: phases.reduce((sum, phase) => sum + secondsLeft(phase), 0),
    };
  } finally {
    await session.learner.dispose?.();
  }
}
