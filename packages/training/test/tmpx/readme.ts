import * as tf from "@tensorflow/tfjs-core";
import { compile, valueAndGrad } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { defineExperiment, train } from "@ergodic/training";

type Params = { mean: tf.Tensor; logSd: tf.Tensor };

const step = compile((params: Params, x: tf.Tensor) => {
  const { value, grad } = valueAndGrad((p: Params) => {
    const z = tf.div(tf.sub(x, p.mean), tf.exp(p.logSd));
    return tf.add(tf.mul(0.5, tf.mean(tf.square(z))), tf.mean(p.logSd)) as tf.Scalar;
  })(params);
  const move = (p: tf.Tensor, g: tf.Tensor) => tf.sub(p, tf.mul(0.1, g));
  return { params: { mean: move(params.mean, grad.mean), logSd: move(params.logSd, grad.logSd) }, loss: value };
});

const experiment = defineExperiment({
  name: "gaussian",
  data: {
    load: async () => ({
      description: "a Gaussian around (1, -2)",
      size: 6400,
      batches: ({ batchSize, key }) => ({
        perEpoch: 100,
        at: (iteration) => tf.add(random.normal(random.fold(key, iteration % 100), [batchSize, 2]), [1, -2]),
      }),
    }),
  },
  model: {
    init: async () => ({ params: { mean: tf.zeros([2]), logSd: tf.zeros([2]) } }),
    async update(state: { params: Params }, x: tf.Tensor) {
      const { params, loss } = await step(state.params, x);
      const [value = NaN] = await loss.data();
      loss.dispose();
      return { state: { params }, metrics: { loss: value } };
    },
    sample: async ({ params }, key, n) =>
      tf.tidy(() => tf.add(tf.mul(random.normal(key, [n, 2]), tf.exp(params.logSd)), params.mean)),
  },
  training: { iterations: 200, batchSize: 64, averaging: 0.99, sampleCount: 1000 },
});

const { status, metrics, report } = await train({ experiment, folder: "runs/gaussian", overwrite: true });
console.log(status, metrics, report);
