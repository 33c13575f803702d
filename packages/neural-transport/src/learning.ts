/**
 * The three updates of the energy, each a pure function of one iteration. The backbone stays fixed.
 *
 * Maximum likelihood: ∇ log-likelihood = -E_data[∇E] + E_p[∇E]. With x⁻ = g(z) from chains on U(z),
 * the loss
 *   mean E(x⁺) - mean E(x⁻) + λ mean(E(x⁺)² + E(x⁻)²)
 * descends along it. No gradient passes through a chain. arXiv 2006.06897; penalty: Du and
 * Mordatch, arXiv 1903.08689.
 *
 * Maximum likelihood by weights: the same loss with fresh noise instead of chains. Means over x⁻
 * have weights proportional to exp(-E(x⁻)), and no gradient passes through the weights. This is
 * self-normalised importance sampling: its bias falls as 1/N and grows as `effectiveShare` falls.
 *
 * Contrastive: classifies data against examples of the backbone by the logit -E(x) + c,
 *   mean softplus(E(x⁺) - c) + mean softplus(c - E(x⁻)),  x⁻ = g(z), z ~ N(0, I).
 * The minimum is E = -log(p_data/q) + const with c = -log Z. It needs no chains. Gutmann and
 * Hyvärinen (2010); Gao et al., arXiv 1912.00589.
 *
 * All updates report these metrics:
 * - `logPartition`: log Z by importance weights of fresh noise
 * - `effectiveShare`: ESS/N of these weights
 * - `gain`: -mean E(x⁺) - log Z, the gain in log-likelihood over the backbone
 *
 * Weights and jumps are useless when `effectiveShare` is near 0. Then log Z needs annealing.
 */
import * as tf from "@tensorflow/tfjs-core";
import { replayBuffer, type ReplayState } from "@ergodic/samplers";
import { followAcceptance } from "@ergodic/samplers/adaptation";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import { perPart, refreshed, skipUnsound, trainedGradient, type SkipUnsoundState } from "@ergodic/nn";
import { advance, latentKernel } from "./chains.js";
import type { ResolvedTilt } from "./options.js";
import { tilted, type TiltedParams } from "./tilted.js";

/**
 * State of the tilt. `logit` is c. `redrawn` counts chains that restarted because their energy was
 * not finite.
 */
export type TiltState = {
  readonly optimizer: SkipUnsoundState<{ readonly energy: TensorTree; readonly logit: TensorTree }>;
  readonly logit: tf.Scalar;
  readonly chains: ReplayState<tf.Tensor>;
  readonly stepSize: tf.Scalar;
  readonly redrawn: tf.Scalar;
};

type Metrics = Readonly<Record<string, tf.Tensor>>;

interface Learned<E extends TensorTree> {
  readonly energy: E;
  readonly state: TiltState;
  readonly metrics: Metrics;
}

const count = (mask: tf.Tensor): tf.Scalar => tf.sum(tf.cast(mask, "float32"));

/** log Z, ESS/N and gain, from energies of backbone draws and the mean energy of data. */
function monitors(ofBackbone: tf.Tensor, meanOfData: tf.Tensor): Metrics {
  const n = ofBackbone.size;
  const total = tf.logSumExp(tf.neg(ofBackbone));
  const logPartition = tf.sub(total, Math.log(n));
  const squares = tf.logSumExp(tf.mul(-2, ofBackbone));
  return {
    logPartition,
    effectiveShare: tf.div(tf.exp(tf.sub(tf.mul(2, total), squares)), n),
    gain: tf.neg(tf.add(meanOfData, logPartition)),
  };
}

export function tiltUpdates<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  options: ResolvedTilt<B, E, Batch>,
) {
  const { backbone, energy, chains, penalty } = options;
  const optimizer = skipUnsound(perPart({ energy: options.optimizer, logit: options.optimizer }));
  const model = tilted(backbone, energy);
  const noise = (key: Key, n: number): tf.Tensor => random.normal(key, [n, backbone.dimension]);
  const buffer = replayBuffer({ size: chains.count, start: noise, reinitialise: chains.reinitialise });

  type Learnable = { readonly energy: E; readonly logit: tf.Scalar };
  /**
   * Updates energy and logit along a gradient. The energy's fixed members (such as power
   * iterations) are refreshed on data.
   */
  const moved = (params: E, state: TiltState, grad: Trained<Learnable>, positives: tf.Tensor) => {
    const next = optimizer.update({ energy: params, logit: state.logit }, grad, state.optimizer);
    return {
      energy: refreshed(energy, next.params.energy, positives),
      state: { ...state, logit: next.params.logit, optimizer: next.state },
      metrics: optimizer.metrics!(next.state),
    };
  };

  /** Energies of a loss. Data and negatives use separate keys. */
  const learningEnergies = (
    e: E,
    { positives, negatives, key }: { positives: tf.Tensor; negatives: tf.Tensor; key: Key },
  ) => ({
    ofData: energy.energy(e, positives, { key: random.fold(key, 0) }),
    ofNegatives: energy.energy(e, negatives, { key: random.fold(key, 1) }),
  });

  /** Mean energy of data in evaluation mode, like the energies behind log Z. */
  const meanOf = (params: E, positives: tf.Tensor): tf.Scalar => tf.mean(energy.energy(params, positives));

  /** One maximum-likelihood update. `average` computes means over the negatives. */
  const contrasted = (
    params: E,
    state: TiltState,
    {
      positives,
      negatives,
      average,
      key,
    }: { positives: tf.Tensor; negatives: tf.Tensor; average: (of: tf.Tensor) => tf.Scalar; key: Key },
  ): Learned<E> => {
    type Means = { readonly positive: tf.Scalar; readonly negative: tf.Scalar };
    const loss = ({ energy: e }: Learnable): readonly [tf.Tensor, Means] => {
      const { ofData, ofNegatives } = learningEnergies(e, { positives, negatives, key });
      const squares = tf.add(tf.mean(tf.square(ofData)), average(tf.square(ofNegatives)));
      const means = { positive: tf.mean<tf.Scalar>(ofData), negative: average(ofNegatives) };
      return [tf.add(tf.sub(means.positive, means.negative), tf.mul(penalty, squares)), means];
    };
    const { grad, aux } = trainedGradient(loss, { hasAux: true })({ energy: params, logit: state.logit });
    const next = moved(params, state, grad, positives);
    return {
      ...next,
      metrics: {
        energyPositive: aux.positive,
        energyNegative: aux.negative,
        energyGap: tf.sub(aux.positive, aux.negative),
        ...next.metrics,
      },
    };
  };

  return {
    model,
    init(params: E, key: Key): TiltState {
      const logit = tf.scalar(0);
      return {
        optimizer: optimizer.init({ energy: params, logit }),
        logit,
        chains: buffer.init(key),
        stepSize: tf.scalar(chains.stepSize),
        redrawn: tf.scalar(0),
      };
    },

    likelihood(given: TiltedParams<B, E>, state: TiltState, positives: tf.Tensor, key: Key): Learned<E> {
      const params = model.prepared(given);
      const [drawKey, freshKey, chainKey, monitorKey, learnKey] = random.split(key, 5) as [Key, Key, Key, Key, Key];
      const latentEnergy = model.latentEnergy(params);
      const drawn = buffer.draw(state.chains, { count: chains.count, key: drawKey });
      const sound = tf.isFinite(latentEnergy(drawn.positions));
      const start = tf.where(tf.expandDims(sound, 1), drawn.positions, noise(freshKey, chains.count));
      const { dimension } = backbone;
      const kernel = latentKernel(latentEnergy, { options: chains, dimension, stepSize: state.stepSize });
      const { transitions } = chains;
      const { position, acceptance, jumpAcceptance } = advance(kernel, start, { transitions, key: chainKey });
      const negatives = backbone.decode(params.backbone, position);
      const learned = contrasted(params.energy, state, { positives, negatives, average: tf.mean, key: learnKey });
      const redrawn: tf.Scalar = tf.add(state.redrawn, tf.sub(chains.count, count(sound)));
      return {
        energy: learned.energy,
        state: {
          ...learned.state,
          chains: buffer.write(state.chains, drawn, position),
          stepSize: followAcceptance(state.stepSize, acceptance, { target: chains.targetAcceptance }),
          redrawn,
        },
        metrics: {
          ...learned.metrics,
          acceptance,
          ...(jumpAcceptance && { jumpAcceptance }),
          stepSize: state.stepSize,
          squaredNoise: tf.mean(tf.square(position)),
          ...monitors(model.tilt(params)(noise(monitorKey, chains.count)), meanOf(params.energy, positives)),
          redrawn,
        },
      };
    },

    weighted(params: TiltedParams<B, E>, state: TiltState, positives: tf.Tensor, key: Key): Learned<E> {
      const negatives = backbone.decode(params.backbone, noise(key, chains.count));
      const ofBackbone = energy.energy(params.energy, negatives);
      const weights = tf.softmax(tf.neg(ofBackbone));
      const average = (values: tf.Tensor): tf.Scalar => tf.sum(tf.mul(weights, values));
      const learnKey = random.fold(key, 0);
      const learned = contrasted(params.energy, state, { positives, negatives, average, key: learnKey });
      return {
        ...learned,
        metrics: { ...learned.metrics, ...monitors(ofBackbone, meanOf(params.energy, positives)) },
      };
    },

    contrastive(params: TiltedParams<B, E>, state: TiltState, positives: tf.Tensor, key: Key): Learned<E> {
      const negatives = backbone.decode(params.backbone, noise(key, positives.shape[0]!));
      const learnKey = random.fold(key, 0);
      const loss = ({ energy: e, logit }: Learnable): tf.Tensor => {
        const { ofData, ofNegatives } = learningEnergies(e, { positives, negatives, key: learnKey });
        const told = tf.mean(tf.softplus(tf.sub(ofData, logit)));
        const fooled = tf.mean(tf.softplus(tf.sub(logit, ofNegatives)));
        return tf.add(told, fooled);
      };
      const { value, grad } = trainedGradient(loss)({ energy: params.energy, logit: state.logit });
      const next = moved(params.energy, state, grad, positives);
      return {
        ...next,
        metrics: {
          contrastiveLoss: value,
          logit: next.state.logit,
          ...monitors(energy.energy(params.energy, negatives), meanOf(params.energy, positives)),
          ...next.metrics,
        },
      };
    },
  };
}
