/** Options of the learner, and their defaults. */
import type { ConditionalEnergy } from "@ergodic/energies";
import type { Conditioned, Layer, Optimizer } from "@ergodic/nn";
import {
  ladder as ladders,
  langevinSteps,
  type DataNoise,
  type EnergyScale,
  type Ladder,
  type LevelTime,
  type TopLevel,
} from "@ergodic/noising";
import {
  assertFunction,
  assertIsShape,
  assertNonNegative,
  assertOneOf,
  assertPositive,
  fail,
  type TensorTree,
} from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { langevinSampler, type ConditionalSampler } from "./conditional-sampler.js";

/** A network that predicts y_t from x_{t+1}: where chains start. Zhu et al., arXiv 2309.05153. */
export interface Initialiser<Q extends TensorTree = TensorTree> {
  /** From its input and the number of level t + 1, `[batch]`, to the mean of y_t, like x_{t+1}. */
  readonly model: Layer<Q, Conditioned>;
  readonly optimizer: Optimizer;
  /**
   * - "far" (default): x_{t+1}, as published.
   * - "shrunk": α_t a_{t+1} x_{t+1}, the mean of y_t for data of N(0, I). A fresh network that
   *   returns its input then starts near the mean of y_t, and needs fewer updates.
   */
  readonly input?: InitialiserInput;
}

export type InitialiserInput = (typeof initialiserInputs)[number];

const initialiserInputs = ["far", "shrunk"] as const;

/** Bounds of health: beyond them the training loop returns to a checkpoint. */
export interface RecoveryLimits {
  /**
   * Of the running mean of f⁺ - f⁻, at the worst level. Default: a 32nd of the numbers of an example,
   * and at least 2. For digits it rises to about a hundredth of these numbers while the first chains
   * are slow to follow, and falls to 0.2 later.
   */
  readonly drift?: number;
  /** Of |y| at the end of chains. Default 30. */
  readonly position?: number;
}

export interface RecoveryLikelihoodOptions<P extends TensorTree, Batch> extends DataNoise {
  /** E_net(y; time), `[batch]`. E(y, t) = E_net/c_t, with c_t from `energyScale`. */
  readonly model: ConditionalEnergy<P>;
  readonly optimizer: Optimizer;
  /** The examples of a batch, `[batch, ...shape]`. */
  readonly observe: (batch: Batch) => tf.Tensor;
  /** Of one example. */
  readonly shape: readonly number[];
  /**
   * Standard deviation of Gaussian noise that is added to the data at every update. Default 0.
   *
   * Numbers that are equal in all examples, such as a black background, have no finite energy that
   * chains could settle in: f grows there until learning explodes.
   */
  readonly dataNoise?: number;
  /** Default `ladder.recovery(6)`, T6 of the paper. */
  readonly ladder?: Ladder;
  /**
   * - "marginal" (default): the noisiest model is the density of level T - 1, as in the released
   *   code.
   * - "conditional": it has the form of the others, as the paper prints it. Samples of a ladder
   *   whose last transition leaves little of the data then explode: y is divided by a_T.
   */
  readonly top?: TopLevel;
  /** How y_t is drawn given x_{t+1}. Default: 30 Langevin steps with b² = 2e-4, as in T6. */
  readonly sampler?: ConditionalSampler;
  /** Default "step", or "noise" for a sampler without steps. */
  readonly energyScale?: EnergyScale;
  /** How levels are told to networks. Default "index". */
  readonly time?: LevelTime;
  /**
   * - "contrastive" (default): w_t (E_net(y⁺) - E_net(y⁻)), with y⁻ from the sampler.
   * - "score": |y⁺ - x_{t+1} + σ² ∇E(x_{t+1}, t)|²/(2σ²), denoising score matching. It needs no
   *   chains, but gradients of gradients.
   */
  readonly objective?: "contrastive" | "score";
  /** Where chains start. Default: at x_{t+1}. */
  readonly initialiser?: Initialiser;
  /** Whether x_t and x_{t+1} share their noise. Default false. */
  readonly sharedNoise?: boolean;
  /**
   * Whether samples end with x̂ = (x_0 - S_0² ∇E(α_0 x_0, 0))/A_0, the mean of the clean data given
   * x_0. Default false: x_0 is the sample, with noise of standard deviation S_0.
   */
  readonly denoise?: boolean;
  /** η, the factor of the chains' noise in samples; 1 in learning. Default 0.99. */
  readonly samplingNoise?: number;
  readonly limits?: RecoveryLimits;
}

/** Checks the options and fills in defaults. @throws ValidationError */
export function withDefaults<P extends TensorTree, Batch>(given: RecoveryLikelihoodOptions<P, Batch>) {
  assertIsShape({ shape: given.shape });
  const entries = given.shape.reduce((product, size) => product * size, 1);
  const ladder = given.ladder ?? ladders.recovery(6);
  const sampler = given.sampler ?? langevinSampler({ steps: 30, stepSizes: langevinSteps(ladder, 2e-4) });
  const options = {
    top: "marginal" as TopLevel,
    energyScale: (sampler.steps === 0 ? "noise" : "step") as EnergyScale,
    time: "index" as LevelTime,
    objective: "contrastive" as const,
    sharedNoise: false,
    denoise: false,
    samplingNoise: 0.99,
    dataNoise: 0,
    ...given,
    ladder,
    sampler,
    limits: { drift: Math.max(2, entries / 32), position: 30, ...given.limits },
  };
  assertFunction({ observe: options.observe });
  assertOneOf({ objective: options.objective }, ["contrastive", "score"]);
  if (options.initialiser?.input !== undefined) {
    assertOneOf({ "initialiser.input": options.initialiser.input }, initialiserInputs);
  }
  assertNonNegative({ samplingNoise: options.samplingNoise, dataNoise: options.dataNoise });
  assertPositive({ "limits.drift": options.limits.drift, "limits.position": options.limits.position });
  if (options.initialiser && (options.objective === "score" || sampler.steps === 0)) {
    fail(
      `an initialiser was given with ${sampler.steps === 0 ? "a sampler without steps" : "the objective of scores"}`,
      "chains, whose ends it learns from",
      'leave it out, or give a sampler with steps and objective: "contrastive"',
    );
  }
  if (options.denoise && !(ladder.noise[0]! > 0)) {
    fail("denoise is true, but level 0 of the ladder is clean", "noise to take away", "leave it out");
  }
  return options;
}

export type ResolvedOptions<P extends TensorTree, Batch> = ReturnType<typeof withDefaults<P, Batch>>;
