/**
 * One learning iteration, as pure functions around the chains.
 *
 * Gao et al., arXiv 2012.08125, Algorithm 1; with an initialiser Zhu et al., arXiv 2309.05153,
 * Algorithm 1.
 */
import { perPart, refreshed, skipUnsound, trainedGradient, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { followAcceptance } from "@ergodic/samplers/adaptation";
import { random, trainedPart, tree, withTrained, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Drawn } from "./compiled-draws.js";
import type { Far, LevelEnergies } from "./conditional.js";
import type { Draws, RecoveryParams } from "./draws.js";
import { tableAbove, along, entries, noisy, pair, type Levels } from "@ergodic/noising";
import type { ResolvedOptions } from "./options.js";

export type RecoveryState<P extends TensorTree> = {
  readonly params: RecoveryParams<P>;
  readonly optimizer: SkipUnsoundState<TensorTree>;
  /** The running mean of f⁺ - f⁻ at every level, `[T]`. */
  readonly drift: tf.Tensor1D;
  /** s_t, `[T]`, where the sampler adapts them. */
  readonly stepSizes?: tf.Tensor1D;
};

/** What an update draws before its chains run. */
export type Prepared = {
  /** t, int32 `[batch]`. */
  readonly transition: tf.Tensor1D;
  /** y⁺ = α_t x_t. */
  readonly positive: tf.Tensor;
  /** x_{t+1}. */
  readonly far: tf.Tensor;
};

/** Share of the old running mean of f⁺ - f⁻ in the new. */
const MEMORY = 0.95;
/** A step size changes by at most this factor, as a power of e, in an update. */
const GAIN = 0.2;

const largest = (x: tf.Tensor): tf.Tensor => tf.max(tf.abs(x));

/** Sums over the examples of each level, `[T]`. */
const perLevel = (values: tf.Tensor, transition: tf.Tensor1D, count: number): tf.Tensor1D => {
  const member = tf.cast(
    tf.equal(tf.expandDims(transition, 0), tf.reshape(tf.range(0, count, 1, "int32"), [count, 1])),
    "float32",
  );
  return tf.sum(tf.mul(member, tf.expandDims(values, 0)), 1);
};

/** `old` moved towards the means of `values` over the examples of each level that has any. */
function followed(
  old: tf.Tensor1D,
  { values, transition }: { readonly values: tf.Tensor; readonly transition: tf.Tensor1D },
  move: (old: tf.Tensor1D, mean: tf.Tensor1D) => tf.Tensor1D,
): tf.Tensor1D {
  const [count] = old.shape;
  const seen = perLevel(tf.onesLike(values), transition, count);
  const mean = tf.div<tf.Tensor1D>(perLevel(values, transition, count), tf.maximum(seen, 1));
  return tf.where(tf.greater(seen, 0), move(old, mean), old);
}

/** The optimiser's result at a share of its step. */
const atRate = <P extends TensorTree>(before: P, after: P, rate: number): P => {
  if (rate === 1) return after;
  const between = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.add(a, tf.mul(rate, tf.sub(b, a)));
  const moved = tree.zip(
    between as (...leaves: tf.Tensor[]) => tf.Tensor,
    trainedPart(before) as TensorTree,
    trainedPart(after) as TensorTree,
  );
  return withTrained(after, moved as P);
};

interface Parts<P extends TensorTree, Batch> {
  readonly options: ResolvedOptions<P, Batch>;
  readonly levels: Levels;
  readonly energies: LevelEnergies<P>;
  readonly draws: Draws<P>;
}

export function learning<P extends TensorTree, Batch>({ options, levels, energies, draws }: Parts<P, Batch>) {
  const { model, initialiser, ladder, sampler, sharedNoise, objective, dataNoise } = options;
  const { count, transitions, times } = levels;
  const optimizer = skipUnsound(
    perPart<Record<string, TensorTree>>({
      energy: options.optimizer,
      ...(initialiser && { initialiser: initialiser.optimizer }),
    }) as Optimizer,
  );

  /** w_t (E_net(y⁺) - E_net(y⁻)), and f⁺ - f⁻ of each example. */
  function contrastive(params: P, { positive, transition }: Prepared, y: tf.Tensor): readonly [tf.Tensor, tf.Tensor] {
    const both = energies.network(params, tf.concat([positive, y]), tf.concat([transition, transition]));
    const [real, made] = tf.split(both, 2) as [tf.Tensor, tf.Tensor];
    const gap = tf.sub(made, real);
    return [tf.neg(tf.mean(tf.mul(entries(transitions.lossWeight, transition), gap))), gap];
  }

  /** |y⁺ - x_{t+1} + σ² ∇E(x_{t+1})|²/(2σ²), the mean over examples. */
  function scoreLoss(params: P, { positive, far, transition }: Prepared): tf.Tensor {
    const variance = tf.square(along(transitions.noise, transition, far));
    const predicted = tf.sub(far, tf.mul(variance, energies.slope(params, far, transition)));
    const squares = tf.div(tf.square(tf.sub(positive, predicted)), tf.mul(2, variance));
    return tf.div(tf.sum(squares), far.shape[0]!);
  }

  /** |y^K - q(x_{t+1}) - ν ξ|², the mean over examples: the end of the chain is what to predict. */
  function regression(params: TensorTree, prepared: Far, { y, injected }: Drawn): tf.Tensor {
    const missing = tf.sub(tf.sub(y, injected!), draws.predicted(params, prepared));
    return tf.div(tf.sum(tf.square(missing)), y.shape[0]!);
  }

  function lossOf(prepared: Prepared, drawn: Drawn | undefined) {
    return (params: RecoveryParams<P>): readonly [tf.Tensor, Record<string, tf.Tensor>] => {
      if (drawn === undefined) {
        const loss = scoreLoss(params.energy, prepared);
        return [loss, { loss }];
      }
      const [loss, gap] = contrastive(params.energy, prepared, drawn.y);
      if (params.initialiser === undefined) return [loss, { loss, gap }];
      const missed = regression(params.initialiser, prepared, drawn);
      return [tf.add(loss, missed), { loss, gap, initialiserError: missed }];
    };
  }

  /** What moved at every level besides the parameters, and its metrics. */
  function observed(
    state: RecoveryState<P>,
    { transition }: Prepared,
    drawn: Drawn | undefined,
    gap: tf.Tensor | undefined,
  ) {
    if (drawn === undefined || gap === undefined) return { kept: { drift: state.drift }, metrics: {} };
    const drift = followed(state.drift, { values: gap, transition }, (old, mean) =>
      tf.add(tf.mul(MEMORY, old), tf.mul(1 - MEMORY, mean)),
    );
    const metrics = { energyGap: tf.neg(tf.mean(gap)), drift: largest(drift), largest: largest(drawn.y) };
    const { acceptance } = drawn;
    if (acceptance === undefined || state.stepSizes === undefined) return { kept: { drift }, metrics };
    const stepSizes = followed(state.stepSizes, { values: acceptance, transition }, (old, mean) =>
      followAcceptance(old, mean, { target: sampler.targetAcceptance!, gain: GAIN, bounds: [1e-6, 10] }),
    );
    return { kept: { drift, stepSizes }, metrics: { ...metrics, acceptance: tf.mean(acceptance) } };
  }

  const fixedSteps = (): tf.Tensor1D => tf.tensor1d(Float32Array.from(sampler.stepSizes));

  return {
    init(key: Key): RecoveryState<P> {
      const [energyKey, initialiserKey] = random.split(key) as [Key, Key];
      const energy = model.init(energyKey);
      const params: RecoveryParams<P> = {
        energy,
        ...(initialiser && { initialiser: initialiser.model.init(initialiserKey) }),
      };
      return {
        params,
        optimizer: optimizer.init(params as TensorTree),
        drift: tf.zeros([count]),
        ...(sampler.targetAcceptance !== undefined && { stepSizes: fixedSteps() }),
      };
    },

    prepare(x: tf.Tensor, key: Key): Prepared {
      const [levelKey, pairKey] = random.split(key) as [Key, Key];
      const transition = random.integers(levelKey, [x.shape[0]!], { high: count }) as tf.Tensor1D;
      const blurred = noisy(x, random.fold(key, 2), dataNoise);
      const { near, far } = pair(ladder, blurred, transition, pairKey, { sharedNoise });
      return { transition, far, positive: tf.mul(along(transitions.scale, transition, near), near) };
    },

    /** The step sizes of a state. Inside a program they are constants unless adapted. */
    stepSizes: (state: Pick<RecoveryState<P>, "stepSizes">): tf.Tensor1D => state.stepSizes ?? fixedSteps(),

    /** Whether an update runs the sampler. */
    draws: objective === "contrastive",

    /** The learning step, given the ends of the chains. */
    finish(state: RecoveryState<P>, prepared: Prepared, drawn: Drawn | undefined, rate: number) {
      const { params } = state;
      const { grad, aux } = trainedGradient(lossOf(prepared, drawn), { hasAux: true })(params);
      const moved = optimizer.update(params as TensorTree, grad as TensorTree, state.optimizer);
      const next = atRate(params, moved.params as RecoveryParams<P>, rate);
      const { gap, ...losses } = aux;
      const { kept, metrics } = observed(state, prepared, drawn, gap);
      const energy = refreshed(
        {
          ...(model.refresh && {
            refresh: (p: P, y: tf.Tensor) => model.refresh!(p, y, entries(times, prepared.transition)),
          }),
        },
        next.energy,
        prepared.positive,
      );
      const started =
        initialiser &&
        refreshed(initialiser.model, next.initialiser!, {
          image: prepared.far,
          condition: entries(tableAbove(times), prepared.transition),
        });
      const after: RecoveryState<P> = {
        params: { energy, ...(started !== undefined && { initialiser: started }) },
        optimizer: moved.state,
        ...kept,
      };
      return {
        state: after,
        metrics: { ...losses, ...metrics, ...optimizer.metrics!(moved.state) } as Record<string, tf.Tensor>,
      };
    },
  };
}
