/**
 * Chains of any length: the step is compiled, and the loop runs on the host.
 *
 * Steps are compiled in blocks, since a call of a program costs tens of microseconds and a small
 * step costs little more. Grouping steps does not change any number: step i always uses the i-th
 * key folded out of the given one.
 */
import { compile, type Compiled } from "@ergodic/engine";
import { assertPositiveInteger, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "./chains.js";
import { assertStep, type Kernel, type KernelInfo, type KernelState } from "./kernel.js";
import { failLost, lostChains } from "./lost-chains.js";
import { advance } from "./run-steps.js";
import { openStart } from "./start.js";

/**
 * A record of a running chain: the position after `step` steps and the report of the last of them.
 */
export interface ChainRecord<X extends TensorTree, I extends KernelInfo> {
  readonly step: number;
  readonly position: X;
  readonly info: I;
}

export interface RunChainOptions<X extends TensorTree> {
  /** Where the chains start; the first axis numbers them. Not disposed. */
  readonly initial: X;
  /** How many steps, at least 1. */
  readonly steps: number;
  readonly key: Key;
  /** Record position and report after every so many steps. Default: nothing is recorded. */
  readonly every?: number;
}

/** Tensors of the result belong to the caller, who frees them with `tree.dispose`. */
export interface ChainResult<X extends TensorTree, I extends KernelInfo> {
  readonly position: X;
  /** The report of the last step. */
  readonly info: I;
  /** One entry per `every` steps, oldest first. */
  readonly records: readonly ChainRecord<X, I>[];
}

/** A kernel whose step stays compiled between runs. */
export interface ChainRunner<X extends TensorTree, I extends KernelInfo> {
  run(options: RunChainOptions<X>): Promise<ChainResult<X, I>>;
  /** Frees the compiled programs. */
  dispose(): Promise<void>;
}

export interface ChainProgramOptions {
  /** Steps per compiled program. More make the program larger and the calls fewer. Default 8. */
  readonly stepsPerCall?: number;
}

type Block<S, I> = Compiled<[S, Key[]], { state: S; info: I }>;

/**
 * Runs steps `from` to `to` in full blocks and then singly, so that at most two programs are ever
 * recorded.
 */
async function advanceCompiled<S, I>(
  block: Block<S, I>,
  start: S,
  { key, from, to, stepsPerCall }: { key: Key; from: number; to: number; stepsPerCall: number },
): Promise<{ state: S; info: I }> {
  let current: { state: S; info: I } | undefined;
  for (let done = from; done < to;) {
    const steps = to - done >= stepsPerCall ? stepsPerCall : 1;
    const keys = Array.from({ length: steps }, (_, i) => random.fold(key, done + i));
    const before = current;
    try {
      current = await block(before?.state ?? start, keys);
    } finally {
      if (before !== undefined) tree.dispose(before);
    }
    done += steps;
  }
  return current!;
}

/**
 * Repeats the steps from `start` one by one where chains are lost at `end`, to find the first step
 * that lost one.
 *
 * @throws ValidationError when chains diverged to infinity between steps `from` and `to`.
 */
async function assertNotLost<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  block: Block<S, I>,
  { start, end }: { readonly start: S; readonly end: S },
  { key, from, to }: { readonly key: Key; readonly from: number; readonly to: number },
): Promise<void> {
  const chains = chainCount(start.position);
  const lost = lostChains(end.position, chains);
  if (lost === undefined) return;
  let current: { state: S; info: I } | undefined;
  let step = from;
  while (step < to && (current === undefined || lostChains(current.state.position, chains) === undefined)) {
    const next = await block(current?.state ?? start, [random.fold(key, step)]);
    tree.dispose(current);
    current = next;
    step += 1;
  }
  tree.dispose(current);
  failLost(lost.chains, { chains, step });
}

/**
 * Compiles a kernel's step for many runs; {@link runChain} is the form for a single one.
 *
 * @throws ValidationError when `stepsPerCall` is not a positive integer, or for a kernel that the
 *   host runs, as `nuts`.
 */
export function compileChain<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
  { stepsPerCall = 8 }: ChainProgramOptions = {},
): ChainRunner<X, I> {
  assertPositiveInteger({ stepsPerCall });
  assertStep(kernel, "runChain");
  const start = openStart(kernel);
  const block: Block<S, I> = compile((state: S, keys: Key[]) => advance(kernel, state, keys));
  return {
    async run({ initial, steps, key, every }) {
      assertPositiveInteger(every === undefined ? { steps } : { steps, every });
      const records: ChainRecord<X, I>[] = [];
      const owned: unknown[] = [];
      try {
        let state = await start.run(initial);
        owned.push(state);
        let info: I | undefined;
        for (let done = 0; done < steps;) {
          const next = Math.min(done + (every ?? steps), steps);
          const moved = await advanceCompiled(block, state, { key, from: done, to: next, stepsPerCall });
          try {
            await assertNotLost(block, { start: state, end: moved.state }, { key, from: done, to: next });
          } catch (error) {
            tree.dispose(moved);
            throw error;
          }
          tree.dispose([state, info]);
          owned.length = 0;
          ({ state, info } = moved);
          owned.push(state, info);
          done = next;
          if (every !== undefined && done % every === 0) {
            records.push({ step: done, position: tree.clone(state.position), info: tree.clone(info) });
          }
        }
        const position = tree.clone(state.position);
        tree.dispose(state);
        return { position, info: info!, records };
      } catch (error) {
        tree.dispose([owned, records]);
        throw error;
      }
    },
    async dispose() {
      await Promise.all([start.dispose(), block.dispose()]);
    },
  };
}

/**
 * Runs independent chains of `kernel` for `steps` steps from `initial`: compiles, loops, frees the
 * programs and everything in between.
 *
 * @returns the final position, the last step's report, and what `every` asked to record.
 * @throws ValidationError for counts that are not positive integers, an initial position without a
 *   common chain axis, or one where the position, the energy or the gradient is not finite; and
 *   when chains diverge to infinity, with the step at which the first did.
 */
export async function runChain<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
  { stepsPerCall, ...options }: RunChainOptions<X> & ChainProgramOptions,
): Promise<ChainResult<X, I>> {
  const runner = compileChain(kernel, stepsPerCall === undefined ? {} : { stepsPerCall });
  try {
    return await runner.run(options);
  } finally {
    await runner.dispose();
  }
}
