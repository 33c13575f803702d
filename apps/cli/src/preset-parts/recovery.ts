/** Diffusion recovery likelihood of images: the options, network and optimiser of its presets. */
import type { ImageBatch } from "@ergodic/data";
import { wideResidualEnergy } from "@ergodic/energies";
import { adam, linearWarmup } from "@ergodic/nn";
import { ladder, langevinSteps, proportionalSteps, type Ladder } from "@ergodic/noising";
import {
  hmcSampler,
  langevinSampler,
  malaSampler,
  normalSampler,
  recoveryLikelihood,
  type ConditionalSampler,
} from "@ergodic/recovery-likelihood";
import { z } from "zod";

const count = z.number().int().min(1);

/** Sizes and settings of a preset. They are the defaults of its options. */
export interface RecoveryTable {
  /** Height, width and channels. */
  readonly imageShape: readonly [number, number, number];
  /** ch */
  readonly channels: number;
  readonly multipliers: readonly number[];
  /** N, at each resolution. */
  readonly blocks: number;
  /** K */
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly beta1: number;
  /** T. Default 6. */
  readonly levels?: number;
  /** Default "short". */
  readonly sampler?: "short" | "normal";
  /** Default 0. */
  readonly dataNoise?: number;
}

/** Sizes and rates of every preset, with learned starts of chains or without. */
export const sizeOptions = (table: Omit<RecoveryTable, "sampler" | "beta1" | "dataNoise">) => ({
  /** ch, the base width of the network. */
  channels: count.default(table.channels),
  /** N, residual blocks at each resolution. */
  blocks: count.default(table.blocks),
  /** T */
  levels: count.max(1_000).default(table.levels ?? 6),
  /** K, steps of a chain. Samples use those of learning. */
  steps: count.default(table.steps),
  learningRate: z.number().positive().default(table.learningRate),
  /** Updates until the learning rate is whole. */
  warmup: count.default(table.warmup),
});

/** Options of every preset of recovery likelihood. */
export const recoveryOptions = (table: RecoveryTable) => ({
  ...sizeOptions(table),
  /**
   * How data are drawn given noisier ones. "short" has the step sizes of the paper, whose chains do
   * not mix. "mixing", "mala" and "hmc" begin with s² = 0.1 σ²; the energies are then densities,
   * learned more slowly, and need `dataNoise` where pixels are constant. "normal" needs no chain.
   */
  sampler: z.enum(["short", "mixing", "mala", "hmc", "normal"]).default(table.sampler ?? "short"),
  objective: z.enum(["contrastive", "score"]).default("contrastive"),
  /** Standard deviation of noise on the data, which keeps learning stable where pixels are constant. */
  dataNoise: z
    .number()
    .min(0)
    .default(table.dataNoise ?? 0),
});

export type RecoveryOptions = z.output<z.ZodObject<ReturnType<typeof recoveryOptions>>>;

/** K b², which the step sizes of the paper keep when K changes. */
const PATH = 6e-3;

/** The sampler of the options. */
export function samplerOf(
  { sampler, steps, dataNoise }: Pick<RecoveryOptions, "sampler" | "steps" | "dataNoise">,
  of: Ladder,
): ConditionalSampler {
  // Pixels that are equal in all images are as narrow as the noise on them.
  const mixing = proportionalSteps(of, 0.1, dataNoise > 0 ? { narrowest: dataNoise } : {});
  switch (sampler) {
    case "short":
      return langevinSampler({ steps, stepSizes: langevinSteps(of, PATH / steps) });
    case "mixing":
      return langevinSampler({ steps, stepSizes: mixing });
    case "mala":
      return malaSampler({ steps, stepSizes: mixing });
    case "hmc":
      return hmcSampler({ steps, stepSizes: mixing });
    case "normal":
      return normalSampler(of);
  }
}

/** The optimiser of the paper. */
export const recoveryOptimizer = (
  { learningRate, warmup }: Pick<RecoveryOptions, "learningRate" | "warmup">,
  { beta1 }: Pick<RecoveryTable, "beta1">,
) => adam({ learningRate: linearWarmup({ steps: warmup, then: learningRate }), beta1, epsilon: 1e-7 });

export const imagesOf = (batch: ImageBatch) => batch.images;

/**
 * The learner of images: the wide residual network over the strided ladder, or over the whole
 * ladder for more levels than that has (T1k). The whole ladder begins at clean data, so short steps
 * are not defined on it.
 */
export function recoveryImages(options: RecoveryOptions, table: RecoveryTable) {
  const { channels, blocks, levels, objective, dataNoise } = options;
  const { imageShape, multipliers } = table;
  const whole = levels === 1 || levels > 501;
  const chosen = whole ? ladder.full(levels) : ladder.recovery(levels);
  return recoveryLikelihood({
    model: wideResidualEnergy({ imageShape, channels, multipliers, blocks }),
    optimizer: recoveryOptimizer(options, table),
    observe: imagesOf,
    ...{ shape: imageShape, ladder: chosen, sampler: samplerOf(options, chosen), objective, dataNoise },
    // With many levels the last transition keeps most of the data, and has the form of the others.
    ...(levels > 501 && { top: "conditional" as const }),
  });
}
