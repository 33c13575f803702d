/** The latent diffusion model as a learner. */
import { compile } from "@ergodic/engine";
import { fromNoise } from "@ergodic/generators";
import { random, readScalars, tree, type Batches, type Key, type TensorTree } from "@ergodic/tensor";
import type { Classified, LatentSpace, Learner } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { levelChains } from "./chains.js";
import { dataClusters, noClusters } from "./data-clusters.js";
import { latentDraws, type GivenSymbol } from "./draws.js";
import { diffusionLearning, type DiffusionCore, type DiffusionState, type Guidance } from "./learning.js";
import { smoothedLikelihood } from "./likelihood.js";
import { resolveDiffusion, type LabelledBatches, type LatentDiffusionOptions } from "./options.js";
import { diffusionChains } from "./model-chains.js";
import { symbolPanels } from "./panels.js";
import type { DiffusionParams } from "./losses.js";

export interface LatentDiffusionLearner<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  S extends X = X,
> extends Learner<DiffusionState<G, I, E>, Batch> {
  /** With a context, contexts are those of random examples. */
  sample(state: DiffusionState<G, I, E>, key: Key, n: number): Promise<X>;
  /** `n` latents x_0 of the prior, `[n, d]`, or of the prior given a symbol. */
  sampleLatents(state: DiffusionState<G, I, E>, key: Key, n: number, given?: GivenSymbol): Promise<tf.Tensor>;
  /** `n` decoded draws of N(0, I). */
  sampleReference(state: DiffusionState<G, I, E>, key: Key, n: number): Promise<X>;
  /** Posterior means of a batch, `[batch, d]`. */
  infer(state: DiffusionState<G, I, E>, x: S): Promise<tf.Tensor>;
  /** Decoded posterior means. */
  reconstruct(
    state: DiffusionState<G, I, E>,
    batch: Batch,
    key: Key,
  ): Promise<{ readonly original: X; readonly reconstruction: X }>;
  /** Latents are those of q(z | x) and of the prior. Absent with a context. */
  readonly latents?: LatentSpace<DiffusionState<G, I, E>, Batch>;
}

/**
 * A generator whose latents have a prior by diffusion: conditional energies at the levels of a
 * ladder, coupled with symbols.
 *
 * Without phases all parts learn together. Phases:
 * - `autoencoder`: generator and inference learn -log p(x | z) at posterior means.
 * - `rise`: all parts learn, and the weight of the divergence rises from 0 in a line.
 * - `joint`: all parts learn.
 *
 * With `ladder.full(1)` it is the one-level model of Pang and Wu, arXiv 2108.11556, with its
 * information bottleneck.
 *
 * Yu, Xie, Ma, Jia, Pang, Gao, Zhu, Zhu, Wu, "Latent Diffusion Energy-Based Model for Interpretable
 * Text Modeling", arXiv 2206.05895.
 *
 * @throws ValidationError for options out of range, or that do not fit together.
 */
export function latentDiffusion<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Y extends TensorTree = tf.Tensor,
  S extends X = X,
>(given: LatentDiffusionOptions<G, I, E, Batch, X, Y, S>): LatentDiffusionLearner<G, I, E, Batch, X, S> {
  type State = DiffusionState<G, I, E>;
  type Params = DiffusionParams<G, I, E>;
  const options = resolveDiffusion(given);
  const {
    generator,
    observation,
    inference,
    context,
    levels,
    symbols: count,
    supervision,
    labels,
    clustering,
    labelled,
    observe,
  } = options;
  const symbolLevels = options.symbolLevels ?? "bottom";
  const chains = levelChains(options);
  const rule = diffusionLearning(options, chains);
  const draws = latentDraws(options, chains, rule.losses);

  const autoencoder = compile(rule.autoencoder);
  const joint = compile((state: DiffusionCore<G, I, E>, x: S, key: Key, guidance: Guidance<I, S>) =>
    rule.joint(state, x, key, guidance),
  );
  const means = compile(({ inference: of }: Pick<Params, "inference">, x: S) => inference.law(of, x).mean);
  const drawn = compile(({ inference: of }: Params, x: S, key: Key) => {
    const law = inference.law(of, x);
    return fromNoise(law, random.normal(key, law.mean.shape));
  });
  const assigned = compile(rule.assigned);
  const symbolsOf = compile((params: Params, x: S) => {
    const { mean } = inference.law(params.inference, x);
    return tf.logSoftmax(
      rule.losses.symbolLogits(params.energy, mean, { context: rule.losses.contextOf(params, x) }),
      1,
    );
  });
  const symbolsAt = compile(({ energy }: Params, z: tf.Tensor) =>
    tf.logSoftmax(rule.losses.symbolLogits(energy, z, {}), 1),
  );
  const programs = [symbolsAt, autoencoder, joint, means, drawn, assigned, symbolsOf];

  const clusteredAnew =
    clustering &&
    dataClusters<I, S, Batch>({
      ...{ data: clustering.data, settings: clustering, observe },
      means: (of, x) => means({ inference: of }, x),
      assigned: (given, x) => assigned(given, x),
    });

  let known: Promise<Batches<Batch>> | undefined;
  /** The labelled batch of an iteration. */
  const knownBatch = async ({ labelled: data, batchSize }: LabelledBatches<Batch>, iteration: number) => {
    known ??= data
      .load()
      .then((dataset) =>
        dataset.batches({ batchSize: Math.min(batchSize, dataset.size), key: random.key("labelled") }),
      );
    return (await known).at(iteration);
  };

  /** log p(s | x) at posterior means, and the classes of the batch. */
  const classified = async ({ params }: State, batch: Batch): Promise<Classified> => ({
    logProbabilities: (await symbolsOf(params, observe(batch))) as tf.Tensor2D,
    labels: labels!(batch),
  });

  const panels = symbolPanels<Params, S>({
    infer: (params, x, key) => drawn(params, x, key),
    sample: (params, key, n) => draws.latents(params, key, n),
    decode: (params, z) => draws.decode(params, z),
    symbols: (params, z) => symbolsAt(params, z),
  });

  const latents: LatentSpace<State, Batch> = {
    infer: ({ params }, batch, key) => drawn(params, observe(batch), key),
    sample: ({ params }, key, n) => draws.latents(params, key, n),
    decode: ({ params }, z) => draws.decode(params, z as tf.Tensor),
  };

  const show = observation.show && ((x: TensorTree) => observation.show!(x as X));

  const weighing =
    context === undefined
      ? smoothedLikelihood<G, I, E, Batch, X, Y, S>({
          ...{ generator, observation, inference, observe },
          sample: (params, key, n) => draws.latents(params, key, n),
        })
      : undefined;

  return {
    phases: ["autoencoder", "rise", "joint"],
    classes: count,
    init(key) {
      const core = rule.init(key);
      const { inference: of } = core.params;
      return Promise.resolve(clustering === undefined ? core : { ...core, clusters: noClusters(of, clustering) });
    },
    async update({ clusters: before, ...core }: State, batch, { key, iteration, phase }) {
      const x = observe(batch);
      const isAlone = phase?.name === "autoencoder";
      const isDue = clustering !== undefined && !isAlone && (phase?.iteration ?? iteration) % clustering.every === 0;
      const clusters = isDue ? await clusteredAnew!(core.params.inference, before!) : before && tree.clone(before);
      const share = tf.scalar(phase?.name === "rise" ? phase.iteration / phase.iterations : 1);
      const sure = labelled && !isAlone && (await knownBatch(labelled, iteration));
      const guidance: Guidance<I, S> = {
        share,
        ...(clusters && { clusters }),
        ...(supervision === "labels" && { labels: labels!(batch) }),
        ...(sure && { labelled: { x: observe(sure), labels: labels!(sure) } }),
      };
      const next = isAlone ? await autoencoder(core, x, key) : await joint(core, x, key, guidance);
      share.dispose();
      if (sure) tree.dispose(sure as TensorTree);
      return { state: { ...next.state, ...(clusters && { clusters }) }, metrics: await readScalars(next.metrics) };
    },
    sample: ({ params }, key, n) => draws.samples(params, key, n),
    sampleClass: ({ params }, symbol, key, n) => draws.samples(params, key, n, { symbol, levels: symbolLevels }),
    sampleLatents: ({ params }, key, n, symbol) => draws.latents(params, key, n, symbol),
    sampleReference: ({ params }, key, n) => draws.reference(params, key, n),
    infer: ({ params }, x) => means(params, x),
    async reconstruct({ params }, batch) {
      const original = observe(batch);
      const reconstruction = await draws.reconstruct(params, batch, means(params, original));
      return { original: tree.clone(original), reconstruction };
    },
    ...(context
      ? {
          sampleGiven: ({ params }: State, batch: Batch, key: Key) => draws.inContext(params, batch, key),
          data: observe,
        }
      : { latents }),
    ...(inference.dimension === 2 &&
      !context && {
        panels: ({ params }: State, batch: Batch, key: Key, n: number) => panels(params, observe(batch), key, n),
      }),
    chains: ({ params }, batch) => {
      const first = tree.map((leaf) => tf.slice(leaf, 0, 1), observe(batch) as TensorTree) as S;
      const z = inference.law(params.inference, first).mean;
      const told = rule.losses.contextOf(params, first);
      const toldEach = (n: number) => told && tf.tile(told, [n, 1]);
      const decode = (from: tf.Tensor) =>
        observation.decode(generator.apply(params.generator, rule.losses.told(from, toldEach(from.shape[0]!))));
      const parts = { levels, steps: options.chain.steps, chains, decode, show, toldEach };
      return diffusionChains(parts, params.energy, z);
    },
    ...(weighing && { likelihood: weighing.likelihood }),
    ...(labels && { symbols: classified }),
    ...((supervision === "labels" || labelled) && { classify: classified }),
    ...(show && { show }),
    describe: () =>
      `latent diffusion of ${inference.dimension} numbers over ${levels.count} ${levels.count === 1 ? "level" : "levels"}, ${count} symbols`,
    async dispose() {
      await Promise.all([...programs.map((program) => program.dispose()), draws.dispose(), weighing?.dispose()]);
    },
  };
}
