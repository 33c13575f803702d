/** Short-run Langevin chains in the latent space of an energy-based prior: many small matrix products and 600,000 normal variates. */
import type * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { priorEnergy } from "@ergodic/latent-priors";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { milliseconds, type Case } from "../case.js";

export const STEPS = 60;
export const CHAINS = 100;
export const DIMENSION = 100;

/** The chain as a pure function, with parameters and start for it. */
export function latentChainWork(activation: "leakyRelu" | "gelu") {
  const energy = mlpEnergy({ in: DIMENSION, widths: [200, 200], activation });
  const [paramsKey, startKey] = random.split(random.key("latent chain"));
  const run = (params: readonly TensorTree[], start: tf.Tensor, key: Key): tf.Tensor => {
    const target = priorEnergy((z) => energy.energy(params, z));
    return runSteps(langevin({ energy: target, stepSize: 0.4 }), start, { steps: STEPS, key }).position;
  };
  return { run, params: energy.init(paramsKey!), start: random.normal(startKey!, [CHAINS, DIMENSION]) };
}

function chainCase(name: string, title: string, activation: "leakyRelu" | "gelu"): Case {
  return {
    name,
    title,
    unit: milliseconds,
    engines: ["onnx", "cpu"],
    calls: 3,
    prepare() {
      const { run, params, start } = latentChainWork(activation);
      const chain = compile(run);
      const root = random.key(0);
      let calls = 0;
      const call = async (): Promise<number> => {
        const end = await chain(params, start, random.fold(root, calls++));
        const value = end.dataSync()[0]!;
        end.dispose();
        return value;
      };
      return Promise.resolve({ call });
    },
  };
}

export const latentChain = chainCase(
  "latent-chain",
  "60 Langevin steps, batch 100, MLP 100-200-200-1, leaky",
  "leakyRelu",
);

export const latentChainGelu = chainCase("latent-chain-gelu", "the same with GELU (exact)", "gelu");
