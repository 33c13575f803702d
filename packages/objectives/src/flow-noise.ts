/** A trained flow as the noise of noise-contrastive estimation. */
import type { Flow } from "@ergodic/flows";
import type { TensorTree } from "@ergodic/tensor";
import type { NoiseLaw } from "./noise-contrastive.js";

/**
 * The law of a flow with given parameters.
 *
 * The closer the noise is to the data, the less the estimate of the energy varies. The parameters
 * stay as they are.
 */
export const flowNoise = <P extends TensorTree>(flow: Pick<Flow<P>, "sample" | "logDensity">, params: P): NoiseLaw => ({
  sample: (key, n) => flow.sample(params, key, n),
  logDensity: (x) => flow.logDensity(params, x),
});
