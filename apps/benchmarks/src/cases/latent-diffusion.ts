/**
 * A learning iteration of latent diffusion with symbols: pairs of levels, their Langevin chains, all
 * gradients, Adam steps, metrics. Symbols are given, so no clustering is timed.
 */
import { compile, grad } from "@ergodic/engine";
import { conditionalResidualMlp, type ConditionalResidualMlpParams } from "@ergodic/energies";
import { gaussian, networkGenerator, normalInference, sequenceDecoder, sequenceEncoder } from "@ergodic/generators";
import { coupledEnergy, latentDiffusion } from "@ergodic/latent-priors";
import { adam, clipped, mlp } from "@ergodic/nn";
import { ladder, langevinSteps } from "@ergodic/noising";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { milliseconds, type Case } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedInput, numbers } from "../numbers.js";

const networkOf = (latent: number, symbols: number) =>
  conditionalResidualMlp({ in: latent, out: symbols, width: 64, blocks: 4 });
const chainOf = (steps: number) => ({ steps, stepSizes: langevinSteps(ladder.recovery(6), 2e-3) });
const inTurn = (n: number, count: number): tf.Tensor1D =>
  tf.tensor1d(
    Array.from({ length: n }, (_, i) => i % count),
    "int32",
  );

/** The gradient of the coupled energy at fixed latents and levels. */
function slope(latent: number, symbols: number, params: ConditionalResidualMlpParams): Promise<readonly tf.Tensor[]> {
  const network = networkOf(latent, symbols);
  const run = compile((p: ConditionalResidualMlpParams, y: tf.Tensor, condition: tf.Tensor) => [
    grad((image: tf.Tensor) => tf.sum(coupledEnergy(network.apply(p, { image, condition }))))(y),
  ]);
  return run(params, fixedInput(0, [64, latent], 3), tf.cast(inTurn(64, 6), "float32"));
}

type Points = { readonly points: tf.Tensor; readonly labels: tf.Tensor1D };

export const latentDiffusionIteration: Case = {
  name: "latent-diffusion-iteration",
  title: "learning iteration of latent-diffusion/grid: 20 steps of 512 chains in 2 dimensions, batch 256",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const step = adam({ learningRate: 1e-3 });
    const learner = latentDiffusion({
      generator: networkGenerator({
        latentDimension: 2,
        outputShape: [2],
        network: mlp({ in: 2, widths: [128], out: 2, activation: "relu" }),
      }),
      observation: gaussian({ sigma: 1 }),
      inference: normalInference({
        dimension: 2,
        network: mlp({ in: 2, widths: [128, 128], out: 4, activation: "relu" }),
        floor: 0,
      }),
      network: networkOf(2, 16),
      symbols: 16,
      chain: chainOf(20),
      supervision: "labels",
      labels: ({ labels }: Points) => labels,
      optimizers: { generator: step, inference: step, energy: adam({ learningRate: 1e-4 }) },
      observe: ({ points }: Points) => points,
    });
    const batch = { points: fixedInput(0, [256, 2], 10), labels: inTurn(256, 16) };
    const updates = await iterated(learner, batch, { key: random.key("latent diffusion"), metric: "surprise" });
    return { call: updates.call, check: () => slope(2, 16, updates.params().energy) };
  },
};

type Sentences = { readonly tokens: tf.Tensor; readonly weight: tf.Tensor; readonly labels: tf.Tensor1D };
const [rows, time, symbols, latent] = [128, 8, 62, 8];

/** Sentences of 7 symbols and the boundary 0; see `Sentences` of `peers/latent_diffusion.py`. */
function sentences(): Sentences {
  const drawn = numbers(150, rows * time, 1);
  const tokens = Int32Array.from(drawn, (u, i) =>
    i % time === time - 1 ? 0 : 1 + Math.floor(((u + 1) / 2) * (symbols - 1)),
  );
  return {
    tokens: tf.tensor2d(tokens, [rows, time], "int32"),
    weight: tf.ones([rows, time]),
    labels: inTurn(rows, 4),
  };
}

export const latentDiffusionText: Case = {
  name: "latent-diffusion-text",
  title: "the same of latent-diffusion/templates: 40 steps of 256 chains in 8 dimensions, 128 sentences, GRUs of 64",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const step = clipped(adam({ learningRate: 3e-3 }), { maxNorm: 5 });
    const sizes = { symbols, embedding: 32, hidden: 64 };
    const learner = latentDiffusion({
      ...sequenceDecoder({
        ...{ ...sizes, latentDimension: latent, maxLength: time, cell: "gru" },
        dropout: { words: 0.4 },
      }),
      inference: normalInference({
        dimension: latent,
        network: sequenceEncoder({ ...sizes, out: 2 * latent }),
        floor: 0,
      }),
      network: networkOf(latent, 4),
      symbols: 4,
      chain: chainOf(40),
      weights: { divergence: 0.3, information: 0.5, symbols: 1 },
      supervision: "labels",
      labels: ({ labels }: Sentences) => labels,
      optimizers: { generator: step, inference: step, energy: clipped(adam({ learningRate: 3e-4 }), { maxNorm: 10 }) },
      observe: ({ tokens, weight }: Sentences) => ({ tokens, weight }),
    });
    const updates = await iterated(learner, sentences(), { key: random.key("latent diffusion"), metric: "surprise" });
    return { call: updates.call, check: () => slope(latent, 4, updates.params().energy) };
  },
};
