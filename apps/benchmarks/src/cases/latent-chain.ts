/**
 * Short-run Langevin chains in the latent space of an energy-based prior.
 *
 * The work is many small matrix products and 600,000 normal variates.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { priorEnergy } from "@ergodic/latent-priors";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { firstNumber, milliseconds, type Case } from "../case.js";
import { fixedInput, fixedLike } from "../numbers.js";

const STEPS = 60;
const CHAINS = 100;
const DIMENSION = 100;

function chainCase(name: string, title: string, activation: "leakyRelu" | "gelu"): Case {
  return {
    name,
    title,
    unit: milliseconds,
    engines: ["onnx", "tensorflow", "cpu"],
    calls: 3,
    prepare() {
      const energy = mlpEnergy({ in: DIMENSION, widths: [200, 200], activation });
      const chainWith = (withNoise: boolean) =>
        compile((weights: readonly TensorTree[], z: tf.Tensor, key: Key) => {
          const kernel = langevin({
            energy: priorEnergy((at) => energy.energy(weights, at)),
            stepSize: 0.4,
            withNoise,
          });
          return runSteps(kernel, z, { steps: STEPS, key }).position;
        });
      const [chain, descent] = [chainWith(true), chainWith(false)];
      const params = fixedLike(energy.init(random.key(0)));
      const start = fixedInput(0, [CHAINS, DIMENSION], 2);
      const root = random.key(0);
      let calls = 0;
      return Promise.resolve({
        call: async () => firstNumber(await chain(params, start, random.fold(root, calls++))),
        check: async () => [await descent(params, start, root)],
      });
    },
  };
}

export const latentChain = chainCase(
  "latent-chain",
  "60 Langevin steps, batch 100, MLP 100-200-200-1, leaky",
  "leakyRelu",
);

export const latentChainGelu = chainCase("latent-chain-gelu", "the same with GELU (exact)", "gelu");
