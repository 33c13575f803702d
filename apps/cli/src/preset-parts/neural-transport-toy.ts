/**
 * Neural transport in the plane, common to the toy presets.
 *
 * A RealNVP learns first, then the energy by a contrastive start and maximum likelihood.
 */
import type { PointBatch, PointDensity } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { realNvp } from "@ergodic/flows";
import { neuralTransport } from "@ergodic/neural-transport";
import { adam, clipped, cosine, initializers } from "@ergodic/nn";
import { defineExperiment } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { withLabels } from "./labelled-chains.js";
import { planeEvaluation } from "./plane-sets.js";

const count = z.number().int().min(0);
const zeros = { weight: initializers.zeros, bias: initializers.zeros };

const options = z.object({
  /** A multiple of the batch size, so every batch is full. */
  examples: count.min(1).default(102_400),
});

interface Toy {
  readonly name: string;
  readonly description: string;
  readonly points: PointDensity;
  /** The index of the mode of each point, `[n, 2]` to `[n]`. */
  readonly mode: (points: tf.Tensor) => tf.Tensor;
}

/**
 * 8 couplings of 64-64, energy 2-128-128-128-1.
 *
 * The energy's rate falls to a value at which maximum likelihood is stable after the sharp
 * contrastive start. Chains jump by default: once the energy has learned the barriers between
 * modes, Hamiltonian moves do not cross them.
 */
export function neuralTransportToy({ name, description, points, mode }: Toy) {
  return defineExperiment({
    name,
    description,
    options,
    data: ({ examples }) => points.source({ size: examples }),
    model: (_, { phases }) => {
      const { flow = 1, contrastive = 1 } = phases ?? {};
      const learner = neuralTransport({
        flow: realNvp({ features: 2 }),
        energy: mlpEnergy({ in: 2, widths: [128, 128, 128], activation: "swish", headInit: zeros }),
        optimizers: {
          flow: clipped(adam({ learningRate: cosine({ initial: 2e-3, steps: Math.max(flow, 1) }) }), { maxNorm: 50 }),
          energy: clipped(
            adam({ learningRate: cosine({ initial: 2e-3, final: 1e-4, steps: Math.max(contrastive, 1) }) }),
            { maxNorm: 5 },
          ),
        },
        observe: (batch: PointBatch) => batch.points,
        chains: { count: 512, leapfrogSteps: 8, stepSize: 0.05, targetAcceptance: 0.8 },
        samplingTransitions: 50,
      });
      return withLabels(learner, (chain) => (at) => mode(chain.observe!(at) as tf.Tensor));
    },
    training: {
      phases: { flow: 2_000, contrastive: 2_500, likelihood: 120 },
      batchSize: 512,
      sampleEvery: 2_310,
      checkpointEvery: 1_155,
      sampleCount: 1_000,
    },
    evaluation: planeEvaluation(points),
  });
}
