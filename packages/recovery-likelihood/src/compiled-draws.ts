/** Draws of y_t given x_{t+1}, compiled: a chain is a few programs of some steps each. */
import { compile } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Advanced, ChainState, DrawInput, Draws, Held, RecoveryParams, Start } from "./draws.js";
import { part, type Randomness } from "./randomness.js";

/** Steps in one program. Longer programs take longer to compile and run no faster. */
const BLOCK = 5;

/** Parts of the randomness of a draw. Step i of a chain uses `part(chain, i)`. */
const of = { start: 0, chain: 1 } as const;

export interface Drawn {
  /** y_t. */
  readonly y: tf.Tensor;
  /** The mean acceptance probability of each chain, `[batch]`, for samplers that test. */
  readonly acceptance?: tf.Tensor;
  /** See `Start`. */
  readonly injected?: tf.Tensor;
}

/** The sizes of the programs that make `steps` steps. */
const programs = (steps: number): number[] => {
  const whole = Array.from({ length: Math.floor(steps / BLOCK) }, () => BLOCK);
  return steps % BLOCK === 0 ? whole : [...whole, steps % BLOCK];
};

export interface DrawRequest {
  readonly randomness: Randomness;
  /** Steps of the chain; 0 for the normal approximation. */
  readonly steps: number;
  /** Where the chain starts. Default: at the output of the initialiser, or at x_{t+1}. */
  readonly from?: tf.Tensor | undefined;
  readonly held?: Held | undefined;
}

const startOf = <P extends TensorTree>(
  draws: Draws<P>,
  params: RecoveryParams<P>,
  input: DrawInput,
  { randomness, from }: { readonly randomness: Randomness; readonly from?: tf.Tensor | undefined },
): Start => (from === undefined ? draws.start(params, input, randomness) : { position: from });

/** The same draw without programs, for use inside one. */
export function drawn<P extends TensorTree>(
  draws: Draws<P>,
  params: RecoveryParams<P>,
  input: DrawInput,
  { randomness, steps, held, from }: DrawRequest,
): Drawn {
  const [startFrom, chain] = [part(randomness, of.start), part(randomness, of.chain)];
  if (steps === 0) return { y: draws.approximate(params, input, startFrom) };
  const { position, ...start } = startOf(draws, params, input, { randomness: startFrom, from });
  const each = Array.from({ length: steps }, (_, i) => part(chain, i));
  const { state, acceptance } = draws.advance(params, input, draws.begin(params, input, position), each, held);
  return { ...start, y: state.position, ...(acceptance && { acceptance: tf.div(acceptance, steps) }) };
}

export function compiledDraws<P extends TensorTree>(draws: Draws<P>) {
  type Params = RecoveryParams<P>;
  const begin = compile((params: Params, input: DrawInput, randomness: Randomness, from?: tf.Tensor) => {
    const { position, ...start } = startOf(draws, params, input, { randomness, from });
    return { ...start, state: draws.begin(params, input, position) };
  });
  const advance = compile(
    (params: Params, input: DrawInput, state: ChainState, steps: Randomness[], held?: Held): Advanced =>
      draws.advance(params, input, state, steps, held),
  );
  const approximate = compile((params: Params, input: DrawInput, randomness: Randomness) =>
    draws.approximate(params, input, randomness),
  );

  return {
    /** The numbers of {@link drawn}. The caller owns the result. */
    async run(params: Params, input: DrawInput, { randomness, steps, held, from }: DrawRequest): Promise<Drawn> {
      const [startFrom, chain] = [part(randomness, of.start), part(randomness, of.chain)];
      if (steps === 0) return { y: await approximate(params, input, startFrom) };
      const { state: first, ...start } = await begin(params, input, startFrom, from);
      let state = first;
      let accepted: tf.Tensor | undefined;
      let done = 0;
      for (const size of programs(steps)) {
        const from = done;
        const each = Array.from({ length: size }, (_, i) => part(chain, from + i));
        const next = await advance(params, input, state, each, held);
        tree.dispose(state);
        state = next.state;
        done += size;
        if (next.acceptance === undefined) continue;
        const before = accepted;
        accepted = before === undefined ? next.acceptance : tf.tidy(() => tf.add(before, next.acceptance!));
        if (before !== undefined) tree.dispose([before, next.acceptance]);
      }
      const { position: y, ...others } = state;
      tree.dispose(others);
      const acceptance = accepted && tf.tidy(() => tf.div(accepted, steps));
      accepted?.dispose();
      return { ...start, y, ...(acceptance && { acceptance }) };
    },
    async dispose() {
      await Promise.all([begin, advance, approximate].map((program) => program.dispose()));
    },
  };
}
