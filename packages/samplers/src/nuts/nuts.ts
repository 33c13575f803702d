/**
 * The No-U-Turn Sampler, multinomial, with iterative doubling.
 *
 * From a fresh momentum the trajectory is doubled, to the left or the right at random, until it would turn back: until at one end of it, or of
 * one of its aligned spans, the velocity points against the sum of momenta. The next draw is one of its points, chosen by exp(-H) with
 * a preference for the newer half. Hoffman and Gelman, arXiv 1111.4246; Betancourt, arXiv 1701.02434, appendix A.
 *
 * Chains double in lock-step: a draw takes as many gradients for every chain as for the one with the longest trajectory. The host leads
 * compiled blocks of eight leaves and only asks between them whether any chain goes on.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, tidy } from "@ergodic/engine";
import { assertPositiveInteger, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import {
  hamiltonian,
  type HamiltonianInfo,
  type HamiltonianOptions,
  type HamiltonianState,
  type Tuning,
} from "../hamiltonian.js";
import { leapfrogProbe } from "../hmc.js";
import type { HostKernel, OpenKernel } from "../kernel.js";
import { openInit, stackSteps } from "../open-kernel.js";
import { spanStarts } from "./spans.js";
import { blockSize, growth, type SpanStart, type Subtree, type Trajectory } from "./trajectory.js";

export interface NutsOptions<X extends TensorTree = tf.Tensor> extends HamiltonianOptions<X> {
  /** Most doublings of a trajectory, which then has 2^maxDepth points. Default 10. */
  readonly maxDepth?: number;
}

/**
 * `acceptProb` is the mean of min(1, exp(-ΔH)) over all points visited, `energyError` the ΔH of the point chosen, `accepted` whether that
 * is another than the first, `nGrad` the gradients computed in lock-step.
 */
export type NutsInfo = HamiltonianInfo & {
  /** Doublings, `[chains]`. */
  readonly treeDepth: tf.Tensor1D;
  /** Leapfrog steps of the chain's own trajectory, `[chains]`. */
  readonly nLeapfrog: tf.Tensor1D;
};

export interface NutsKernel<X extends TensorTree = tf.Tensor>
  extends HostKernel<X, HamiltonianState<X>, NutsInfo>, Tuning<X> {
  readonly maxDepth: number;
}

/** Doublings made in the first program: 7 leaves. */
const openingDoublings = 3;

/** The keys of doubling number `depth` of a transition. */
function doublingKeys(key: Key, depth: number): { direction: Key; join: Key; block: (k: number) => Key } {
  const [direction, join, leaves] = random.split(random.fold(key, depth + 1), 3) as [Key, Key, Key];
  return { direction, join, block: (k) => random.fold(leaves, k) };
}

function openNuts<X extends TensorTree>(
  init: (position: X) => HamiltonianState<X>,
  { begin, sprout, grow, join }: ReturnType<typeof growth<X>>,
  maxDepth: number,
): OpenKernel<X, HamiltonianState<X>, NutsInfo> {
  type State = HamiltonianState<X>;
  const start = openInit(init);
  /** Momentum and the first doublings. */
  const opening = compile((state: State, key: Key): Trajectory<X> => {
    let trajectory = begin(state, random.fold(key, 0));
    for (let depth = 0; depth < Math.min(openingDoublings, maxDepth); depth++) {
      const keys = doublingKeys(key, depth);
      const sprouted = sprout(trajectory, keys.direction);
      const { subtree } = grow(sprouted, { key: keys.block(0), count: 2 ** depth, starts: [] });
      trajectory = join(trajectory, subtree, keys.join);
    }
    return trajectory;
  });
  const firstBlock = compile((trajectory: Trajectory<X>, direction: Key, key: Key) =>
    grow(sprout(trajectory, direction), { key, count: blockSize, starts: [] }),
  );
  const nextBlock = compile((subtree: Subtree<X>, starts: readonly SpanStart<X>[], key: Key) =>
    grow(subtree, { key, count: blockSize, starts }),
  );
  const joined = compile(join);
  const closing = compile((trajectory: Trajectory<X>): { state: State; info: Omit<NutsInfo, "nGrad"> } => {
    const { chosen, startTotal, stepSize, inverseMass, acceptance, leaves, divergent, depth, moved } = trajectory;
    const { position, energy, gradient, total } = chosen;
    return {
      state: { position, energy, gradient, stepSize, inverseMass },
      info: {
        acceptProb: tf.div(acceptance, leaves),
        accepted: moved,
        energyError: tf.sub(total, startTotal),
        divergent,
        energy: total,
        stepSize,
        treeDepth: depth,
        nLeapfrog: leaves,
      },
    };
  });
  const anyOf = (mask: tf.Tensor): boolean => mask.dataSync().some(Boolean);

  /** Doubling number `depth`; frees the trajectory it is given. */
  async function double(trajectory: Trajectory<X>, depth: number, key: Key) {
    const keys = doublingKeys(key, depth);
    const starts: SpanStart<X>[] = [];
    const blocks = 2 ** depth / blockSize;
    let { subtree, start: first } = await firstBlock(trajectory, keys.direction, keys.block(0));
    starts.push(first);
    let done = 1;
    while (done < blocks && anyOf(subtree.growing)) {
      const ends = spanStarts(done).map((k) => starts[k]!);
      const next = await nextBlock(subtree, ends, keys.block(done));
      tree.dispose(subtree);
      ({ subtree, start: first } = next);
      starts.push(first);
      done += 1;
    }
    const result = await joined(trajectory, subtree, keys.join);
    tree.dispose([trajectory, subtree, starts]);
    return { trajectory: result, gradients: done * blockSize };
  }

  async function step(state: State, key: Key): Promise<{ state: State; info: NutsInfo }> {
    let trajectory = await opening(state, key);
    let gradients = 2 ** Math.min(openingDoublings, maxDepth) - 1;
    for (let depth = openingDoublings; depth < maxDepth && anyOf(trajectory.active); depth++) {
      const doubled = await double(trajectory, depth, key);
      trajectory = doubled.trajectory;
      gradients += doubled.gradients;
    }
    const closed = await closing(trajectory);
    const nGrad = tf.fill<tf.Rank.R1>(trajectory.leaves.shape, gradients);
    tree.dispose(trajectory);
    return { state: closed.state, info: { ...closed.info, nGrad } };
  }

  return {
    init: (position) => start.run(position),
    async draw(state, { key, from, count }) {
      const steps: { state: State; info: NutsInfo }[] = [];
      try {
        for (let i = 0; i < count; i++) {
          steps.push(await step(steps.at(-1)?.state ?? state, random.fold(key, from + i)));
        }
        return {
          state: tree.clone(steps.at(-1)!.state),
          ...tidy(() => ({
            positions: stackSteps(steps.map((one) => one.state.position)),
            info: stackSteps(steps.map((one) => one.info)),
          })),
        };
      } finally {
        tree.dispose(steps);
      }
    },
    async dispose() {
      await Promise.all([start, opening, firstBlock, nextBlock, joined, closing].map((program) => program.dispose()));
    },
  };
}

/**
 * The NUTS kernel of an energy, for `warmUp` and `sample`.
 *
 * @throws ValidationError for a step size or temperature that is not positive, or a depth that is no positive integer; at the first step
 *   when the energy does not return `[chains]` or the mass does not fit the position.
 */
export function nuts<X extends TensorTree = tf.Tensor>({ maxDepth = 10, ...options }: NutsOptions<X>): NutsKernel<X> {
  assertPositiveInteger({ maxDepth });
  const system = hamiltonian(options, "nuts");
  return {
    init: (position) => system.init(position),
    open: () => openNuts((position: X) => system.init(position), growth(system), maxDepth),
    mass: system.mass,
    targetAcceptance: 0.8,
    probe: leapfrogProbe(system),
    maxDepth,
  };
}
