/**
 * Open kernels: compiled steps behind one interface, for kernels with a step and kernels that the
 * host runs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, tidy } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { HamiltonianInfo, HamiltonianState, Tuning } from "./hamiltonian.js";
import type { Drawn, HostKernel, Kernel, KernelInfo, KernelState, OpenKernel } from "./kernel.js";
import { openStart } from "./start.js";

/** Steps in one program. */
const blockLength = 8;

/**
 * Leaves of several steps together: scalars become `[steps]`, everything else `[chains, steps,
 * ...]`.
 */
export const stackSteps = <T extends TensorTree>(steps: readonly T[]): T =>
  tree.zip(
    (...leaves) => tf.stack(leaves, Math.min(1, leaves[0]!.rank)),
    ...(steps as readonly TensorTree[] as [TensorTree]),
  ) as T;

/** Blocks of steps one after the other. */
export const joinBlocks = <T extends TensorTree>(blocks: readonly T[]): T =>
  tree.zip(
    (...leaves) => tf.concat(leaves, Math.min(1, leaves[0]!.rank - 1)),
    ...(blocks as readonly TensorTree[] as [TensorTree]),
  ) as T;

function openCompiled<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
): OpenKernel<X, S, I> {
  const start = openStart(kernel);
  const block = compile((state: S, keys: Key[]): Drawn<X, S, I> => {
    const positions: X[] = [];
    const infos: I[] = [];
    let current = state;
    for (const key of keys) {
      const [next, info] = kernel.step(current, key);
      positions.push(next.position);
      infos.push(info);
      current = next;
    }
    return { state: current, positions: stackSteps(positions), info: stackSteps(infos) };
  });
  return {
    init: (begin) => start.run(begin),
    async draw(state, { key, from, count }) {
      const blocks: Drawn<X, S, I>[] = [];
      try {
        for (let done = 0; done < count;) {
          const steps = count - done >= blockLength ? blockLength : 1;
          const keys = Array.from({ length: steps }, (_, i) => random.fold(key, from + done + i));
          blocks.push(await block(blocks.at(-1)?.state ?? state, keys));
          done += steps;
        }
        if (blocks.length === 1) return blocks.pop()!;
        return {
          state: tree.clone(blocks.at(-1)!.state),
          ...tidy(() => ({
            positions: joinBlocks(blocks.map(({ positions }) => positions)),
            info: joinBlocks(blocks.map(({ info }) => info)),
          })),
        };
      } finally {
        tree.dispose(blocks);
      }
    },
    async dispose() {
      await Promise.all([start.dispose(), block.dispose()]);
    },
  };
}

/** A single leapfrog step, for finding a first step size. */
export interface OpenProbe<X extends TensorTree> {
  /** min(1, exp(-ΔH)) of step number `from` of the run of `key`, `[chains]`; 0 where not finite. */
  acceptance(
    state: HamiltonianState<X>,
    which: { readonly key: Key; readonly from: number },
  ): Promise<ArrayLike<number>>;
  dispose(): Promise<void>;
}

/** The probe of a kernel as a program. */
export function compiledProbe<X extends TensorTree>({ probe }: Pick<Tuning<X>, "probe">): OpenProbe<X> {
  const opened = openCompiled(probe);
  return {
    async acceptance(state, { key, from }) {
      const drawn = await opened.draw(state, { key, from, count: 1 });
      const probabilities = drawn.info.acceptProb.dataSync();
      tree.dispose(drawn);
      return probabilities;
    },
    dispose: () => opened.dispose(),
  };
}

/** An open kernel that `warmUp` can tune. */
export type OpenTunable<X extends TensorTree, I extends HamiltonianInfo = HamiltonianInfo> = OpenKernel<
  X,
  HamiltonianState<X>,
  I
> &
  Pick<Tuning<X>, "mass" | "targetAcceptance"> & {
    readonly probe: OpenProbe<X>;
  };

/** Whether a kernel has its programs already. */
export const isOpen = (kernel: object): kernel is { draw: unknown } => "draw" in kernel;

/**
 * The kernel with its compiled programs.
 *
 * `warmUp` and `sample` compile programs of their own unless they are given an open kernel: open it
 * once where both run, or one of them runs often. Programs are compiled when first needed;
 * `dispose` of the result frees them.
 */
export function openKernel<X extends TensorTree, I extends HamiltonianInfo>(
  kernel: Tuning<X> & (Kernel<X, HamiltonianState<X>, I> | HostKernel<X, HamiltonianState<X>, I>),
): OpenTunable<X, I>;
export function openKernel<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I> | HostKernel<X, S, I>,
): OpenKernel<X, S, I>;
export function openKernel<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: (Kernel<X, S, I> | HostKernel<X, S, I>) & Partial<Tuning<X>>,
): OpenKernel<X, S, I> | (OpenKernel<X, S, I> & Pick<OpenTunable<X>, "mass" | "targetAcceptance" | "probe">) {
  const opened = "open" in kernel ? kernel.open() : openCompiled(kernel);
  const { mass, targetAcceptance, probe } = kernel;
  if (mass === undefined || targetAcceptance === undefined || probe === undefined) return opened;
  const openProbe = "probe" in opened ? (opened.probe as OpenProbe<X>) : compiledProbe({ probe });
  return {
    ...opened,
    mass,
    targetAcceptance,
    probe: openProbe,
    async dispose() {
      await Promise.all([opened.dispose(), openProbe.dispose()]);
    },
  };
}
