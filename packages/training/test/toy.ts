/**
 * A model that trains in milliseconds and has every feature of a run.
 *
 * It has parameters, momentum, noise from the iteration's key, shuffled batches of uneven size, and
 * an int32 counter and a bool flag in its state.
 */
import * as tf from "@tensorflow/tfjs-core";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { compile, valueAndGrad } from "@ergodic/engine";
import { type DataSource, type Key, random } from "@ergodic/tensor";
import { defineExperiment, type Learner, type TrainingOptions } from "../src/index.js";

export interface ToyState {
  readonly params: { readonly weight: tf.Tensor1D; readonly bias: tf.Scalar };
  readonly momentum: { readonly weight: tf.Tensor1D; readonly bias: tf.Scalar };
  readonly counter: tf.Scalar;
  readonly frozen: tf.Tensor1D;
}

export interface ToyBatch {
  readonly x: tf.Tensor2D;
  readonly index: tf.Tensor1D;
}

const dimensions = 3;

/** Ten points; batches of 4, 4, 2. */
export const toyData: DataSource<ToyBatch> = {
  async load() {
    const size = 10;
    const points = random.host.normal(random.key("toy"), size * dimensions);
    return {
      description: "ten points",
      size,
      batches({ batchSize, key }) {
        const perEpoch = Math.ceil(size / batchSize);
        return {
          perEpoch,
          at(iteration) {
            const order = random.host.permutation(random.fold(key, Math.floor(iteration / perEpoch)), size);
            const start = (iteration % perEpoch) * batchSize;
            const chosen = Array.from(order.slice(start, start + batchSize));
            const rows = chosen.map((i) => Array.from(points.slice(i * dimensions, (i + 1) * dimensions)));
            return { x: tf.tensor2d(rows), index: tf.tensor1d(chosen, "int32") };
          },
        };
      },
    };
  },
};

export interface ToyOptions {
  readonly rate: number;
  /** From this iteration on (counted from 1) the loss is NaN. */
  readonly breakAt?: number;
  /** Like `breakAt`, but the parameters become NaN and the metrics stay finite. */
  readonly spoilAt?: number;
  readonly shows?: boolean;
}

export function toyLearner({ rate, breakAt, spoilAt, shows = false }: ToyOptions): Learner<ToyState, ToyBatch> {
  const step = compile((state: ToyState, batch: ToyBatch, key: Key) => {
    const noise = random.normal(key, [dimensions]);
    const loss = (params: ToyState["params"]): tf.Scalar => {
      const error = tf.sub(tf.sum(tf.mul(batch.x, tf.add(params.weight, noise)), 1), tf.sub(params.bias, 1));
      return tf.mean(tf.square(error));
    };
    const { value, grad } = valueAndGrad(loss)(state.params);
    const move = <T extends tf.Tensor>(m: T, g: T): T => tf.add(tf.mul(m, 0.9), g);
    const momentum = {
      weight: move(state.momentum.weight, grad.weight),
      bias: move(state.momentum.bias, grad.bias),
    };
    const params = {
      weight: tf.sub<tf.Tensor1D>(state.params.weight, tf.mul(momentum.weight, rate)),
      bias: tf.sub<tf.Scalar>(state.params.bias, tf.mul(momentum.bias, rate)),
    };
    return { params, momentum, counter: tf.add<tf.Scalar>(state.counter, tf.scalar(1, "int32")), loss: value };
  });
  return {
    async init(key) {
      return {
        params: { weight: random.normal(key, [dimensions]) as tf.Tensor1D, bias: tf.scalar(0) },
        momentum: { weight: tf.zeros([dimensions]), bias: tf.scalar(0) },
        counter: tf.scalar(0, "int32"),
        frozen: tf.tensor1d([true, false], "bool"),
      };
    },
    async update(state, batch, { key }) {
      const { loss, ...moved } = await step(state, batch, key);
      const iteration: number = moved.counter.dataSync()[0] ?? 0;
      const value = loss.dataSync()[0] ?? 0;
      loss.dispose();
      if (spoilAt !== undefined && iteration >= spoilAt) {
        moved.params.bias.dispose();
        return {
          state: { ...moved, params: { ...moved.params, bias: tf.scalar(NaN) }, frozen: state.frozen },
          metrics: { loss: 1, iteration2: 0 },
        };
      }
      const broken = breakAt !== undefined && iteration >= breakAt;
      return {
        state: { ...moved, frozen: state.frozen },
        metrics: { loss: broken ? NaN : value, iteration2: iteration ** 2 },
      };
    },
    ...(shows ? showing : {}),
  };
}

const showing: Partial<Learner<ToyState, ToyBatch>> = {
  async sample(state, key, n) {
    return tf.tidy(() => tf.tanh(tf.add(random.normal(key, [n, 4, 4, 1]), state.params.bias)));
  },
  async reconstruct(_state, batch) {
    const n = batch.x.shape[0];
    return { original: tf.zeros([n, 4, 4, 1]), reconstruction: tf.ones([n, 4, 4, 1]) };
  },
  async diagnose() {
    return { "energy along the chain": [3, 2, 1.5, 1.4] };
  },
  describe: () => "toy <model> & co",
};

const toyOptions = z.object({
  rate: z.number().positive().default(0.01),
  breakAt: z.number().optional(),
  spoilAt: z.number().optional(),
  shows: z.boolean().default(false),
  kind: z.enum(["plain", "fancy"]).default("plain"),
  noise: z.object({ scale: z.number().default(1) }).prefault({}),
});

/** The toy model as an experiment, with ten iterations by default. */
export function toyExperiment(training: Partial<TrainingOptions> = {}) {
  return defineExperiment({
    name: "toy",
    options: toyOptions,
    data: toyData,
    model: ({ rate, breakAt, spoilAt, shows }) =>
      toyLearner({
        rate,
        shows,
        ...(breakAt === undefined ? {} : { breakAt }),
        ...(spoilAt === undefined ? {} : { spoilAt }),
      }),
    training: { iterations: 10, batchSize: 4, seed: 5, checkpointEvery: 3, sampleEvery: 100, logEvery: 1, ...training },
  });
}

/** The bytes of a run's checkpoint. */
export async function checkpointBytes(folder: string, iteration: number): Promise<string> {
  const path = join(folder, "checkpoints", String(iteration));
  const tensors = await readFile(join(path, "tensors.safetensors"));
  return `${tensors.toString("hex")}\n${await readFile(join(path, "state.json"), "utf8")}`;
}
