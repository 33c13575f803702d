/** Measures a small piece of typical work on the engine in use. */
import { compile, valueAndGrad } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** 10 steps of Langevin dynamics, 100 chains in 100 dimensions, on an energy 100-200-1. */
const STEPS = 10;
const SIZES = [100, 200, 1];
const CHAINS = 100;
const LIMIT_MS = 1500;
const MOST = 200;

type Weights = readonly tf.Tensor2D[];

const energy = (weights: Weights, x: tf.Tensor): tf.Tensor =>
  tf.sum(weights.reduce((h: tf.Tensor, w) => tf.tanh(tf.matMul(h as tf.Tensor2D, w)), x));

const chain = (weights: Weights, start: tf.Tensor, key: Key): tf.Tensor =>
  random.split(key, STEPS).reduce((x, child) => {
    const { grad } = valueAndGrad((at: tf.Tensor) => energy(weights, at))(x);
    return tf.add(tf.sub(x, tf.mul(0.01, grad)), tf.mul(0.1, random.normal(child, x.shape)));
  }, start);

/**
 * Median milliseconds per call, including reading the results. A first call records and loads the
 * program.
 */
export async function microBenchmark(): Promise<number> {
  const compiled = compile(chain);
  const weights = SIZES.slice(1).map(
    (to, i) => random.normal(random.key(i), [SIZES[i]!, to], { sd: 0.1 }) as tf.Tensor2D,
  );
  const start = random.normal(random.key(9), [CHAINS, SIZES[0]!]);
  const call = async (seed: number): Promise<number> => {
    const began = performance.now();
    const result = await compiled(weights, start, random.key(seed));
    await result.data();
    result.dispose();
    return performance.now() - began;
  };
  try {
    const end = performance.now() + LIMIT_MS;
    await call(0);
    const times: number[] = [];
    do times.push(await call(times.length + 1));
    while (performance.now() < end && times.length < MOST);
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  } finally {
    await compiled.dispose();
    tf.dispose([weights, start]);
  }
}

export const WORK = `${STEPS} Langevin steps of ${CHAINS} chains on an energy ${SIZES.join("-")}`;
