/** All cases, in table order. */
import type { Case } from "../case.js";
import { convGradient } from "./conv-gradient.js";
import { cyclecoopIteration } from "./cyclecoop-iteration.js";
import { flowRoundTrip, flowTransition } from "./flow.js";
import { inceptionFeatures } from "./inception-features.js";
import { languageModelGruUpdate, languageModelScores, languageModelUpdate } from "./language-model.js";
import { latentChain, latentChainGelu } from "./latent-chain.js";
import { latentDiffusionIteration, latentDiffusionText } from "./latent-diffusion.js";
import { convLearningIteration, jointIteration, learningIteration, mnistIteration } from "./learning-iteration.js";
import { persistentIteration } from "./persistent-iteration.js";
import { randomNormals } from "./random-normals.js";
import { gruGradients, lstmGradients } from "./recurrent-gradients.js";
import { recoveryGradient, recoveryIteration } from "./recovery.js";
import { residualGradient, residualWeightGradients } from "./residual-gradients.js";
import { smallCall } from "./small-call.js";
import { textIterationGru, textIterationLstm } from "./text-iteration.js";

export const cases: readonly Case[] = [
  latentChain,
  latentChainGelu,
  convGradient,
  residualGradient,
  residualWeightGradients,
  recoveryGradient,
  recoveryIteration,
  learningIteration,
  convLearningIteration,
  mnistIteration,
  jointIteration,
  latentDiffusionIteration,
  latentDiffusionText,
  persistentIteration,
  cyclecoopIteration,
  lstmGradients,
  gruGradients,
  textIterationLstm,
  textIterationGru,
  languageModelUpdate,
  languageModelGruUpdate,
  languageModelScores,
  flowRoundTrip,
  flowTransition,
  inceptionFeatures,
  randomNormals,
  smallCall,
];

/**
 * The case with this name.
 *
 * @throws Error when there is none.
 */
export function caseNamed(name: string): Case {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`unknown case "${name}"`);
  return found;
}
