/** What a learner offers by draws of prior and posterior: samples, reconstructions, scores. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import type { ObservationModel } from "@ergodic/generators";
import { inChunks, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { LatentSpace } from "@ergodic/training";
import type { LatentEnergy } from "./densities.js";
import { examplesIn } from "./examples.js";
import { layerScores, type NoiseRules } from "./layer-scores.js";

/** Samples of one compiled call. It bounds the memory of a large request. */
const CHUNK = 500;

/** Functions of a learner with latents: observations `X` and latents `Z` are tensors or trees. */
export interface LatentDraws<S, Batch, X extends TensorTree, Z extends TensorTree> {
  /** The observation of a batch. */
  data(batch: Batch): X;
  /** `n` decoded latents after the prior chain of training. */
  sample(state: S, key: Key, n: number): Promise<X>;
  /** `n` latents after the prior chain of training, `[n, ...]` in each leaf. */
  sampleLatents(state: S, key: Key, n: number): Promise<Z>;
  /** `n` decoded draws of the base law p0, without the prior chain. */
  sampleReference(state: S, key: Key, n: number): Promise<X>;
  /** The inferred latent of each observation, `[batch, ...]` in each leaf. */
  infer(state: S, x: X, key: Key): Promise<Z>;
  /** The observation of a batch, and its decoded inferred latents. */
  reconstruct(state: S, batch: Batch, key: Key): Promise<{ original: X; reconstruction: X }>;
  /**
   * -log p(x, z) up to a constant at the inferred z: -log p(x | z) + E(z) - log p0(z), `[batch]`.
   * High for observations unlike the training data.
   */
  score(state: S, batch: Batch, key: Key): Promise<tf.Tensor1D>;
  /** The latents in noise, where the base law is N(0, I). */
  readonly latents: Required<LatentSpace<S, Batch>>;
  /**
   * Scores by name at the same inferred latents, `[batch]` each:
   * - `score`
   * - `reconstructionError`: the `error` of the observation model
   * - for latents of several layers in order, those of {@link layerScores}: `above.z1`,
   *   `ratioAbove.z1`, ...
   */
  scores(state: S, batch: Batch, key: Key): Promise<Readonly<Record<string, tf.Tensor1D>>>;
}

/** Pure functions of parameters. */
export interface DrawRules<P extends TensorTree, X extends TensorTree, Z extends TensorTree> {
  decode(params: P, z: Z): X;
  /** `n` latents after the prior chain of training. */
  prior(params: P, n: number, key: Key): Z;
  /** `n` exact draws of the base law. */
  base(params: P, n: number, key: Key): Z;
  /** -log p(x, z) up to a constant. */
  energy(params: P, x: X): LatentEnergy<Z>;
  readonly noise: NoiseRules<P, Z>;
  /** The layers from the bottom to the top, if they have an order. */
  readonly layers: readonly string[] | undefined;
  /** The error of decoded latents, `[batch]`. */
  error(params: P, x: X, z: Z): tf.Tensor1D;
  /** An inferred latent for each observation, compiled. */
  infer(params: P, x: X, key: Key): Promise<Z>;
}

/** Compiles the functions of {@link LatentDraws}. */
export function latentDraws<P extends TensorTree, Batch, X extends TensorTree, Z extends TensorTree>(
  { decode, prior, base, infer, energy, noise, layers, error }: DrawRules<P, X, Z>,
  {
    observe,
    observation,
  }: { readonly observe: (batch: Batch) => X; readonly observation: Pick<ObservationModel<X, never>, "show"> },
) {
  const latents = compile(prior);
  const samples = compile((params: P, n: number, key: Key) => decode(params, prior(params, n, key)));
  const references = compile((params: P, n: number, key: Key) => decode(params, base(params, n, key)));
  const reconstruction = compile(decode);
  const score = compile((params: P, x: X, z: Z) => energy(params, x)(z) as tf.Tensor1D);
  const ofLayers = layers && layerScores(noise, layers);
  const scores = compile((params: P, x: X, z: Z, key: Key): Readonly<Record<string, tf.Tensor1D>> => {
    const at = energy(params, x);
    return {
      score: at(z) as tf.Tensor1D,
      reconstructionError: error(params, x, z),
      ...ofLayers?.(params, at, z, random.fold(key, 0)),
    };
  });
  const inferredNoise = compile(noise.toNoise);
  const sampledNoise = compile((params: P, n: number, key: Key) => noise.toNoise(params, prior(params, n, key)));
  const decoded = compile((params: P, at: Z) => decode(params, noise.toLatents(params, at)));
  const redrawn = compile(noise.redraw);

  /** What `use` makes of inferred latents, which are disposed. */
  const withInferred = async <T>(params: P, x: X, key: Key, use: (z: Z) => Promise<T>): Promise<T> => {
    const z = await infer(params, x, key);
    try {
      return await use(z);
    } finally {
      tree.dispose(z as TensorTree);
    }
  };

  type S = { readonly params: P };
  const offers: LatentDraws<S, Batch, X, Z> = {
    sample: ({ params }, key, n) => inChunks(n, { chunk: CHUNK, key }, (count, part) => samples(params, count, part)),
    sampleLatents: ({ params }, key, n) =>
      inChunks(n, { chunk: CHUNK, key }, (count, part) => latents(params, count, part)),
    sampleReference: ({ params }, key, n) =>
      inChunks(n, { chunk: CHUNK, key }, (count, part) => references(params, count, part)),
    data: observe,
    infer: ({ params }, x, key) => infer(params, x, key),
    async reconstruct({ params }, batch, key) {
      const original = observe(batch);
      const made = await withInferred(params, original, key, (z) => reconstruction(params, z));
      return { original: tree.clone(original), reconstruction: made };
    },
    score({ params }, batch, key) {
      const x = observe(batch);
      return withInferred(params, x, key, (z) => score(params, x, z));
    },
    scores({ params }, batch, key) {
      const x = observe(batch);
      return withInferred(params, x, key, (z) => scores(params, x, z, key));
    },
    latents: {
      infer: ({ params }, batch, key) => withInferred(params, observe(batch), key, (z) => inferredNoise(params, z)),
      sample: ({ params }, key, n) =>
        inChunks(n, { chunk: CHUNK, key }, (count, part) => sampledNoise(params, count, part)),
      decode: ({ params }, z) =>
        // Decoding draws nothing, so the key is not used.
        inChunks(examplesIn("the latents", z), { chunk: CHUNK, key: random.key(0) }, async (count, _, from) => {
          const part = tree.map((leaf) => tf.slice(leaf, from, count), z);
          try {
            return await decoded(params, part as Z);
          } finally {
            tree.dispose(part);
          }
        }),
      redraw: ({ params }, z, layers, key) => redrawn(params, z as Z, layers, key),
    },
  };
  return {
    offers: {
      ...offers,
      ...(observation.show && { show: (x: TensorTree) => observation.show!(x as X) }),
    },
    async dispose(): Promise<void> {
      const drawing = [latents, samples, references, reconstruction, score, scores];
      const programs = [...drawing, inferredNoise, sampledNoise, decoded, redrawn];
      await Promise.all(programs.map((program) => program.dispose()));
    },
  };
}
