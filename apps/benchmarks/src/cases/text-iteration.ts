/**
 * A learning iteration of a latent-space EBM prior over sentences: a posterior chain through a
 * recurrent decoder, a prior chain, all gradients, both Adam steps, metrics.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { sequenceDecoder, type TokenSequence } from "@ergodic/generators";
import { latentPrior, posteriorEnergy, priorEnergy } from "@ergodic/latent-priors";
import { adam, clipped } from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import { milliseconds, type Case } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedInput } from "../numbers.js";
import { fixedSentences } from "../sentences.js";

const [rows, symbols, d] = [32, 2002, 32];

function textIteration(cell: "lstm" | "gru"): Case {
  return {
    name: `text-iteration-${cell}`,
    title: `learning iteration of sentences: 32 of 16 places, 2,002 words, ${cell.toUpperCase()} of 64, latents of 32`,
    unit: milliseconds,
    engines: ["onnx", "tensorflow"],
    calls: 1,
    async prepare() {
      const { next: tokens, weight } = fixedSentences(rows, symbols);
      const sentences = { tokens, weight };
      const { generator, observation } = sequenceDecoder({
        ...{ cell, latentDimension: d, symbols, embedding: 64, hidden: 64, maxLength: 16 },
        dropout: { embedding: 0.2, output: 0.2 },
      });
      const energy = mlpEnergy({ in: d, widths: [200, 200], activation: "gelu" });
      const learner = latentPrior({
        generator,
        observation,
        energy,
        optimizers: {
          generator: clipped(adam({ learningRate: 1e-3 }), { maxNorm: 5 }),
          energy: clipped(adam({ learningRate: 1e-4, weightDecay: 1e-3 }), { maxNorm: 1 }),
        },
        prior: { steps: 40, stepSize: 0.5 },
        posterior: { steps: 20, stepSize: 0.5, noise: false, stepsPerCall: 20 },
        observe: (x: TokenSequence) => x,
      });
      const updates = await iterated(learner, sentences, {
        key: random.key("text iteration"),
        metric: "reconstruction",
      });
      const descend = compile((params: ReturnType<typeof updates.params>, x: TokenSequence, start: tf.Tensor) => {
        const prior = priorEnergy((z) => energy.energy(params.energy!, z));
        const target = posteriorEnergy(prior, (z) => observation.logDensity(generator.apply(params.generator, z), x));
        const kernel = langevin({ energy: target, stepSize: 0.5, withNoise: false });
        return [tf.sub(runSteps(kernel, start, { steps: 5, key: random.key(0) }).position, start)];
      });
      return { call: updates.call, check: () => descend(updates.params(), sentences, fixedInput(1, [rows, d], 1)) };
    },
  };
}

export const textIterationLstm = textIteration("lstm");
export const textIterationGru = textIteration("gru");
