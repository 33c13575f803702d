/**
 * Parallel tempering: chains at several temperatures that exchange their positions, so that modes
 * found at high temperatures reach the target.
 *
 * Replica i follows π_i ∝ exp(-E_0 - β_i Φ), Φ = E - E_0, with 1 = β_0 > β_1 > ... ≥ 0. Replica 0
 * follows the target, and a β of 0 stands for the reference exp(-E_0). A step moves every replica
 * by its own kernel. Then neighbours exchange positions with probability min(1, exp((β_i -
 * β_{i+1})(Φ_i - Φ_{i+1}))). Step sizes stay at their temperature.
 *
 * Even and odd pairs take turns ("deterministic"), which makes round trips much faster than a
 * random choice between them ("stochastic"). Syed, Bouchard-Côté, Deligiannidis and Doucet, arXiv
 * 1905.02939; Geyer (1991).
 *
 * Replicas are rows of one batch, so a step of all chains and temperatures is one program. It
 * computes L + 1 gradients and one energy for each replica, where L are the gradients of the local
 * kernel: cached energies and gradients do not hold at another temperature.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertFunction, assertOneOf, assertPositive, fail, random, type Key, type TensorTree } from "@ergodic/tensor";
import { acceptanceIn } from "../acceptance.js";
import { withStepSize, type KernelOf, type StepSizeAt } from "../annealing/moves.js";
import { pathBetween } from "../annealing/path.js";
import { assertLadder } from "../annealing/schedules.js";
import { assertRowEnergy, chainCount, energyOfRows, type RowEnergy } from "../chains.js";
import { stateAt } from "../compose/parts.js";
import { assertStep, type Kernel, type KernelInfo, type KernelState } from "../kernel.js";
import { alongReplicas, byChain, firstOf, permuted, repeated, withFirst } from "./replicas.js";
import { swapNeighbours, type SwapOrder } from "./swaps.js";

export interface TemperingOptions<X extends TensorTree = tf.Tensor> {
  /**
   * E of the target, from a position to one energy per row, `[rows]`. Rows are the replicas of all
   * chains.
   */
  readonly energy: RowEnergy<X>;
  /**
   * E_0: the energy at β = 0, for instance of a prior under a likelihood or a tilt. Only Φ = E -
   * E_0 is tempered. Default 0: all of E is tempered, and no β may be 0.
   */
  readonly reference?: RowEnergy<X>;
  /**
   * The local kernel of an energy, one with an accept step: `(energy) => hmc({ energy, steps: 3
   * })`.
   */
  readonly kernel: KernelOf<X>;
  /** Inverse temperatures that fall from 1; for example `geometricLadder(6)`. */
  readonly betas: readonly number[];
  /**
   * ε at each β. Default: the local kernel's own, the same for all; {@link warmUpTempering} finds
   * better ones.
   */
  readonly stepSize?: StepSizeAt;
  /** Default "deterministic". */
  readonly swaps?: SwapOrder;
}

/**
 * Ladder and step sizes are tensors, so changing them recompiles nothing. Use `retuned`, which also
 * renews cached values.
 */
export type TemperingState<X extends TensorTree> = {
  /** The positions at β = 1, `[chains, ...]`. */
  readonly position: X;
  /** The local kernel's state of all replicas: chain c at β_i is row c R + i. */
  readonly replicas: KernelState<X>;
  /** β, `[R]`. */
  readonly beta: tf.Tensor1D;
  /** ε at each β, `[R]`; no tensor for a local kernel without one. */
  readonly stepSizes: readonly tf.Tensor1D[];
  /** Which of the R walkers of a chain is at each β, `[chains, R]`, int32. */
  readonly walker: tf.Tensor2D;
  /** 1 in the turn of the odd pairs, else 0. */
  readonly odd: tf.Scalar;
};

type Ladder = Pick<TemperingState<TensorTree>, "beta" | "stepSizes">;

/**
 * These, and the local kernel's report of β = 1. Its `nGrad`, where it has one, counts all
 * replicas.
 */
export type TemperingInfo = KernelInfo & {
  /** Of β = 1, `[chains]`. */
  readonly acceptProb: tf.Tensor1D;
  /** Probability of acceptance of each replica's local move, `[chains, R]`. */
  readonly acceptance: tf.Tensor2D;
  /** Φ after the local move, `[chains, R]`. */
  readonly difference: tf.Tensor2D;
  /**
   * Of each pair of neighbours, `[chains, R - 1]`; the mean of 1 - swapProb is its rejection rate.
   */
  readonly swapProb: tf.Tensor2D;
  readonly swapped: tf.Tensor2D;
  /** Which walker is at each β after the exchange, `[chains, R]`. */
  readonly walker: tf.Tensor2D;
};

export interface TemperingKernel<X extends TensorTree = tf.Tensor> extends Kernel<X, TemperingState<X>, TemperingInfo> {
  readonly betas: readonly number[];
  /** The same replicas at another ladder of as many β, with other step sizes. */
  retuned(state: TemperingState<X>, beta: tf.Tensor1D, stepSizes: readonly tf.Tensor1D[]): TemperingState<X>;
}

/**
 * The tempering kernel of an energy, for `sample` and `runChain` as any other. Draws are those of β
 * = 1.
 *
 * @throws ValidationError for betas that do not fall from 1, a β of 0 without a reference, or
 *   arguments that are no functions; at the first step when an energy does not return one number
 *   per row, the local kernel has no accept step or a step size for each row, or step sizes are
 *   given to one that takes none.
 */
export function parallelTempering<X extends TensorTree = tf.Tensor>(options: TemperingOptions<X>): TemperingKernel<X> {
  const { energy, reference, kernel, betas, stepSize, swaps = "deterministic" } = options;
  assertFunction({ kernel, energy, ...(reference && { reference }) });
  assertOneOf({ swaps }, ["deterministic", "stochastic"]);
  assertLadder(betas, reference !== undefined);
  const given = stepSize && betas.map((beta) => stepSize(beta));
  given?.forEach((size, i) => assertPositive({ [`stepSize(${betas[i]})`]: size }));
  const caller = "parallelTempering";
  /**
   * The path between energies of rows that belong to these chains. Default: row i belongs to chain
   * i.
   */
  const pathOf = (chains?: tf.Tensor1D) =>
    pathBetween(
      reference && { name: "reference", energy: energyOfRows(reference, chains) },
      { name: "energy", energy: energyOfRows(energy, chains) },
      caller,
    );
  const pathOfReplicas = (chains: number) => pathOf(repeated(tf.range(0, chains, 1, "int32"), betas.length));
  const local = (beta: tf.Tensor1D, chains: number) => {
    const made = kernel(pathOfReplicas(chains).between(alongReplicas(beta, chains)));
    assertStep(made, caller);
    return made;
  };

  /** Gives replica i its step size, in the local kernel's state. */
  const sized = (state: KernelState<X>, stepSizes: readonly tf.Tensor1D[], chains: number): KernelState<X> =>
    stepSizes[0] === undefined ? state : withStepSize(state, alongReplicas(stepSizes[0], chains));

  /** The local state of replicas at the positions `rows`, with the β and step size of each. */
  function placed(replicas: KernelState<X>, rows: X, { beta, stepSizes }: Ladder): KernelState<X> {
    const chains = chainCount(rows) / betas.length;
    return sized(stateAt(local(beta, chains), replicas, rows), stepSizes, chains);
  }

  return {
    betas,
    init(position) {
      const chains = chainCount(position);
      const count = betas.length;
      const beta = tf.tensor1d([...betas]);
      const rows = repeated(position, count);
      pathOf().at(position);
      const what = `${count} replicas of each chain at once`;
      assertRowEnergy(() => pathOfReplicas(chains).at(rows).to, { rows: chains * count, what, caller });
      const replicas = local(beta, chains).init(rows);
      const own = replicas.stepSize;
      if (own instanceof tf.Tensor) assertOneForAllRows(own);
      const common = own instanceof tf.Tensor ? [tf.mul<tf.Tensor1D>(own, tf.ones([count]))] : [];
      const stepSizes = given ? [tf.tensor1d(given)] : common;
      return {
        position,
        replicas: sized(replicas, stepSizes, chains),
        beta,
        stepSizes,
        walker: byChain(tf.tile(tf.range(0, count, 1, "int32"), [chains]), chains),
        odd: tf.scalar(0),
      };
    },
    moveTo(state, position) {
      const rows = withFirst(state.replicas.position, position, betas.length);
      return { ...state, position, replicas: placed(state.replicas, rows, state) };
    },
    retuned: (state, beta, stepSizes) => ({
      ...state,
      beta,
      stepSizes,
      replicas: placed(state.replicas, state.replicas.position, { beta, stepSizes }),
    }),
    step({ replicas, beta, stepSizes, walker, odd }, key) {
      const [moveKey, orderKey, swapKey] = random.split(key, 3) as [Key, Key, Key];
      const [chains, count] = walker.shape;
      const [moved, report] = local(beta, chains).step(sized(replicas, stepSizes, chains), moveKey);
      const acceptance = byChain(checkedAcceptance(report), chains);
      const { from, to } = pathOfReplicas(chains).at(moved.position);
      const difference = byChain(tf.sub(to, from), chains);
      const turn = swaps === "deterministic" ? odd : random.bernoulli(orderKey, [chains, 1], 0.5);
      const { swapProb, swapped, source } = swapNeighbours(difference, beta, turn, swapKey);
      const rows = permuted(moved.position, source);
      const walkers = byChain(permuted(tf.reshape(walker, [chains * count]), source), chains);
      const state = { beta, stepSizes, walker: walkers, odd: tf.sub<tf.Scalar>(1, odd) };
      return [
        { ...state, position: firstOf(rows, chains, count), replicas: placed(moved, rows, state) },
        {
          ...firstOf(report, chains, count),
          ...(report.nGrad instanceof tf.Tensor && { nGrad: tf.sum(tf.add(byChain(report.nGrad, chains), 1), 1) }),
          acceptProb: tf.squeeze(tf.slice2d(acceptance, [0, 0], [-1, 1]), [1]),
          acceptance,
          difference,
          swapProb,
          swapped,
          walker: walkers,
        } as TemperingInfo,
      ];
    },
  };
}

/** @throws ValidationError for a local kernel with a step size of its own for each row. */
function assertOneForAllRows({ shape }: tf.Tensor): void {
  if (shape.length === 0) return;
  fail(
    `the step size of the local kernel has shape [${shape.join(",")}]`,
    "one for all rows, []",
    "step sizes belong to temperatures here: parallelTempering({ stepSize: (beta) => ... })",
  );
}

/** @throws ValidationError for a local kernel without an accept step. */
function checkedAcceptance(report: KernelInfo): tf.Tensor {
  const acceptance = acceptanceIn(report);
  if (acceptance !== undefined) return acceptance;
  return fail(
    `the local kernel reports {${Object.keys(report).join(", ")}}`,
    "acceptProb",
    "use a kernel with an accept step, such as hmc or mala",
  );
}
