/**
 * Regression by an energy of the target given the input, learned by noise-contrastive estimation:
 * Gustafsson, Danelljan, Timofte and Schön, "How to Train Your Energy-Based Model for Regression",
 * arXiv 2005.01698.
 *
 * p(y | x) ∝ exp(-E(x, y)) may have several modes, where a regression of the mean is between them.
 * The data are y = ±√x with noise, for x in [0, 1].
 *
 *     npx tsx examples/nce-regression.ts
 */
import { compile, valueAndGrad } from "@ergodic/engine";
import { adam, mlp } from "@ergodic/nn";
import { random, tree, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { pathToFileURL } from "node:url";

const noise = 0.05;
/** Other targets for each example, drawn around its own with these standard deviations. */
const others = { count: 32, sds: [0.05, 0.3, 1] };

const network = mlp({ in: 2, widths: [64, 64], out: 1, activation: "swish" });
const optimizer = adam({ learningRate: 2e-3 });
type Params = ReturnType<typeof network.init>;

/** E(x, y) of every pair of rows: x `[n, 1]`, y `[n, m]` to `[n, m]`. */
const energy = (params: Params, x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
  const [n, m] = y.shape as [number, number];
  const pairs = tf.stack([tf.tile(x, [1, m]), y], 2);
  return tf.reshape(network.apply(params, tf.reshape(pairs, [n * m, 2])), [n, m]);
};

/** log of the density of the noise: a mixture of normal laws around the true target. */
const logNoise = (difference: tf.Tensor): tf.Tensor =>
  tf.logSumExp(
    tf.stack(
      others.sds.map((sd) => tf.sub(tf.mul(-0.5, tf.square(tf.div(difference, sd))), Math.log(sd * others.sds.length))),
      2,
    ),
    2,
  );

function pairs(key: Key, n: number): { x: tf.Tensor; y: tf.Tensor } {
  const [inputKey, signKey, noiseKey] = random.split(key, 3);
  const x = random.uniform(inputKey, [n, 1]);
  const sign = tf.sub(tf.mul(2, random.bernoulli(signKey, [n, 1], 0.5)), 1);
  return { x, y: tf.add(tf.mul(sign, tf.sqrt(x)), random.normal(noiseKey, [n, 1], { sd: noise })) };
}

/** The true target must be told from the others: -log softmax of -E - log of the noise. */
const step = compile((params: Params, moments: ReturnType<typeof optimizer.init>, key: Key) => {
  const [dataKey, sdKey, otherKey] = random.split(key, 3);
  const { x, y } = pairs(dataKey, 128);
  const shape = [128, others.count];
  const sds = tf.gather(tf.tensor1d(others.sds), random.integers(sdKey, shape, { high: others.sds.length }));
  const targets = tf.concat([y, tf.add(y, tf.mul(sds, random.normal(otherKey, shape)))], 1);
  const loss = (p: Params): tf.Tensor => {
    const logits = tf.neg(tf.add(energy(p, x, targets), logNoise(tf.sub(targets, y))));
    return tf.neg(tf.mean(tf.slice(tf.logSoftmax(logits), [0, 0], [-1, 1])));
  };
  const { value, grad } = valueAndGrad(loss)(params);
  const next = optimizer.update(params, grad, moments);
  return { params: next.params, moments: next.state, loss: value };
});

const grid = Array.from({ length: 401 }, (_, i) => -2 + i / 100);
const energies = compile((params: Params, x: tf.Tensor) => energy(params, x, tf.tensor2d([grid])));

/** Learns, and returns the two modes of p(y | x = 0.64), which are ±0.8. */
export async function main({ steps = 2_000 } = {}) {
  let params = network.init(random.key(0));
  let moments = optimizer.init(params);
  for (let i = 0; i < steps; i++) {
    const next = await step(params, moments, random.fold(random.key(1), i));
    if (i % 500 === 0) console.log(`step ${i}: loss ${next.loss.dataSync()[0]!.toFixed(3)}`);
    tree.dispose([params, moments, next.loss]);
    ({ params, moments } = next);
  }
  const found = (await energies(params, tf.tensor2d([[0.64]]))).dataSync();
  const lowest = (side: (y: number) => boolean): number =>
    grid.filter(side).reduce((best, y) => (found[grid.indexOf(y)]! < found[grid.indexOf(best)]! ? y : best));
  const modes = [lowest((y) => y < 0), lowest((y) => y > 0)];
  console.log(
    `modes of p(y | x = 0.64): ${modes.map((y) => y.toFixed(2)).join(" and ")}   (the truth: -0.80 and 0.80)`,
  );
  return modes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
