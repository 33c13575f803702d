/**
 * Three learning iterations of a small convolutional energy, run in a separate process:
 * `learning-iteration.ts ENGINE`.
 *
 * Prints a hash of every bit of the result. The iterations include posterior draws, noise,
 * gradients and Adam.
 */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { random, tree, type Key } from "@ergodic/tensor";
import { compile, grad, useEngine, valueAndGrad, type EngineName } from "../src/index.js";

type Weights = { filter: tf.Tensor4D; dense: tf.Tensor2D };
type State = { weights: Weights; mean: Weights; square: Weights; step: tf.Scalar };

const energy = ({ filter, dense }: Weights, x: tf.Tensor): tf.Tensor => {
  const features = tf.leakyRelu(tf.conv2d(x as tf.Tensor4D, filter, 2, "same"), 0.2);
  return tf.reshape(tf.matMul(tf.reshape(features, [x.shape[0]!, -1]) as tf.Tensor2D, dense), [-1]);
};

function update({ weights, mean, square, step }: State, data: tf.Tensor, rate: tf.Scalar, key: Key): State {
  const negative = random.split(key, 8).reduce((x: tf.Tensor, child) => {
    const slope = grad((at: tf.Tensor) => tf.sum(energy(weights, at)))(x);
    return tf.add(tf.sub(x, tf.mul(0.05, slope)), random.normal(child, x.shape, { sd: 0.1 }));
  }, data);
  const loss = (at: Weights): tf.Tensor => tf.sub(tf.mean(energy(at, data)), tf.mean(energy(at, negative)));
  const { grad: slope } = valueAndGrad(loss)(weights);
  const blend = (keep: number) => (old: tf.Tensor, now: tf.Tensor) => tf.add(tf.mul(keep, old), tf.mul(1 - keep, now));
  const nextMean = tree.zip(blend(0.9), mean, slope);
  const nextSquare = tree.zip(blend(0.999), square, tree.map(tf.square, slope) as Weights);
  const next = tf.add(step, 1) as tf.Scalar;
  const move = (w: tf.Tensor, m: tf.Tensor, s: tf.Tensor): tf.Tensor => {
    const corrected = tf.sqrt(tf.div(s, tf.sub(1, tf.pow(0.999, next))));
    return tf.sub(w, tf.div(tf.mul(rate, tf.div(m, tf.sub(1, tf.pow(0.9, next)))), tf.add(corrected, 1e-8)));
  };
  return { weights: tree.zip(move, weights, nextMean, nextSquare), mean: nextMean, square: nextSquare, step: next };
}

async function learn(engine: EngineName): Promise<object> {
  await useEngine(engine);
  const keys = random.split(random.key(2006), 4);
  const weights: Weights = {
    filter: random.normal(keys[0]!, [3, 3, 2, 8], { sd: 0.2 }) as tf.Tensor4D,
    dense: random.normal(keys[1]!, [4 * 4 * 8, 1], { sd: 0.1 }) as tf.Tensor2D,
  };
  const zeros = (): Weights => tree.map(tf.zerosLike, weights) as Weights;
  let state: State = { weights, mean: zeros(), square: zeros(), step: tf.scalar(0) };
  const data = random.uniform(keys[2]!, [4, 8, 8, 2], { low: -1, high: 1 });
  const iteration = compile(update);
  const hash = createHash("sha256");
  for (let i = 0; i < 3; i++) {
    state = await iteration(state, data, tf.scalar(0.01 / (i + 1)), random.fold(keys[3]!, i));
    for (const { shape, dtype, values } of tree.leaves(state).map((t) => ({ ...t, values: t.dataSync() }))) {
      hash
        .update(`${dtype}[${shape.join()}]`)
        .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return { hash: hash.digest("hex"), programs: iteration.programs, first: state.weights.filter.dataSync()[0] };
}

async function main(engines: readonly EngineName[]): Promise<void> {
  const learned: object[] = [];
  for (const engine of engines) learned.push(await learn(engine));
  console.log(JSON.stringify(learned));
}

void main(process.argv.slice(1) as EngineName[]);
