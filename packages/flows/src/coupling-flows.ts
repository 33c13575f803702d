/**
 * Flows for vectors: couplings that alternate between the halves, with activation normalisation
 * between them.
 */
import { assertCount, assertInteger, fail, type TensorTree } from "@ergodic/tensor";
import { actnorm } from "./actnorm.js";
import type { Bijector } from "./bijector.js";
import { chain } from "./chain.js";
import { mlpConditioner, type MlpConditionerOptions } from "./conditioners.js";
import { coupling } from "./coupling.js";
import { affine, type Elementwise } from "./elementwise.js";
import { flow, type Flow } from "./flow.js";
import { rationalQuadraticSpline, type SplineOptions } from "./spline.js";

interface VectorFlowOptions extends MlpConditionerOptions {
  /** Length of a vector, at least 2. */
  readonly features: number;
  /** Number of couplings. Two couplings change every number once. */
  readonly couplings?: number;
}

function couplings(count: number, features: number, transform: Elementwise, network: MlpConditionerOptions) {
  assertCount({ couplings: count }, 1000);
  assertInteger({ features });
  if (features < 2) fail(`features is ${features}`, "at least 2", "one half of a vector must decide about the other");
  const layers = Array.from({ length: count }, (_, i): Bijector[] => [
    actnorm({ channels: features }),
    coupling({ features, transform, network: mlpConditioner(network), swap: i % 2 === 1 }),
  ]);
  return flow(chain<readonly TensorTree[]>(...layers.flat()), [features]);
}

export interface RealNvpOptions extends VectorFlowOptions {
  /** c: the scale of each coupling stays in [e^-c, e^c]. Default 2. */
  readonly bound?: number;
}

/**
 * RealNVP with bounded scales and 8 couplings by default.
 *
 * Dinh et al., "Density estimation using Real NVP", arXiv 1605.08803.
 *
 * @throws ValidationError for counts that are not positive integers, fewer than 2 features, or a
 * bound that is not positive.
 */
export function realNvp({
  features,
  couplings: count = 8,
  bound = 2,
  ...network
}: RealNvpOptions): Flow<readonly TensorTree[]> {
  return couplings(count, features, affine({ bound }), network);
}

export interface SplineFlowOptions extends VectorFlowOptions, SplineOptions {}

/**
 * Neural spline flow with 6 couplings by default. Data should have standard scale, well inside the
 * bound.
 *
 * Durkan et al., "Neural Spline Flows", arXiv 1906.04032.
 *
 * @throws ValidationError for counts that are not positive integers, fewer than 2 features or bins,
 * or a bound that is not positive.
 */
export function splineFlow(options: SplineFlowOptions): Flow<readonly TensorTree[]> {
  const { features, couplings: count = 6, bins = 8, bound = 5, ...network } = options;
  return couplings(count, features, rationalQuadraticSpline({ bins, bound }), network);
}
