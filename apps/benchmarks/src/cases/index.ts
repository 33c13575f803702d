/** All cases, in the order of the table. */
import type { Case } from "../case.js";
import { convGradient } from "./conv-gradient.js";
import { latentChain, latentChainGelu } from "./latent-chain.js";
import { learningIteration } from "./learning-iteration.js";
import { randomNormals } from "./random-normals.js";
import { smallCall } from "./small-call.js";

export const cases: readonly Case[] = [
  latentChain,
  latentChainGelu,
  convGradient,
  learningIteration,
  randomNormals,
  smallCall,
];
