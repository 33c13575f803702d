/** A deterministic autoencoder, the usual baseline of anomaly scores by reconstruction. */
import { compile } from "@ergodic/engine";
import { skipUnsound, trainedGradient, type Layer, type Optimizer, type SkipUnsoundState } from "@ergodic/nn";
import { random, readScalars, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";

interface Images {
  /** `[batch, height, width, channels]` */
  readonly images: tf.Tensor;
}

type Params = { readonly encoder: TensorTree; readonly decoder: TensorTree };
type State = { readonly params: Params; readonly optimizer: SkipUnsoundState<TensorTree> };

/**
 * Descends mean |x - d(e(x))|², which is also the score of an image. Metric: `reconstruction`, the
 * squared error of an entry.
 */
export function autoencoder<E extends TensorTree, D extends TensorTree>(parts: {
  /** `[batch, height, width, channels]` to `[batch, d]`. */
  readonly encoder: Layer<E>;
  /** Back to images. */
  readonly decoder: Layer<D>;
  readonly optimizer: Optimizer<TensorTree>;
}): Learner<State, Images> {
  const encoder = parts.encoder as unknown as Layer<TensorTree>;
  const decoder = parts.decoder as unknown as Layer<TensorTree>;
  const optimizer = skipUnsound(parts.optimizer);
  const rebuild = (params: Params, x: tf.Tensor) => decoder.apply(params.decoder, encoder.apply(params.encoder, x));
  const errors = (params: Params, x: tf.Tensor): tf.Tensor1D =>
    tf.sum(tf.square(tf.sub(x, rebuild(params, x))), [1, 2, 3]);

  const step = compile((state: State, x: tf.Tensor) => {
    const { value, grad } = trainedGradient((params: Params) => tf.mean(errors(params, x)))(state.params);
    const updated = optimizer.update(state.params, grad, state.optimizer);
    return {
      state: { params: updated.params, optimizer: updated.state },
      metrics: {
        reconstruction: tf.div(value, x.size / x.shape[0]!),
        ...optimizer.metrics!(updated.state),
      },
    };
  });
  const reconstruction = compile(rebuild);
  const scores = compile(errors);

  return {
    init(key) {
      const [first, second] = random.split(key) as [Key, Key];
      const params = { encoder: encoder.init(first), decoder: decoder.init(second) };
      return Promise.resolve({ params, optimizer: optimizer.init(params) });
    },
    async update(state, { images }) {
      const next = await step(state, images);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    async reconstruct({ params }, { images }) {
      return { original: tree.clone(images), reconstruction: await reconstruction(params, images) };
    },
    score: ({ params }, { images }) => scores(params, images),
    describe: () => "autoencoder, scores by squared error",
    async dispose() {
      await Promise.all([step, reconstruction, scores].map((program) => program.dispose()));
    },
  };
}
