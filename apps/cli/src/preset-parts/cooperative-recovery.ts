/**
 * Cooperative diffusion recovery likelihood of images: the options, networks and optimisers of its
 * presets. Zhu et al., arXiv 2309.05153.
 */
import { wideResidualEnergy } from "@ergodic/energies";
import { conditionalUnet } from "@ergodic/generators";
import { adam, clipped, linearWarmup } from "@ergodic/nn";
import { ladder } from "@ergodic/noising";
import { recoveryLikelihood, type InitialiserInput } from "@ergodic/recovery-likelihood";
import { z } from "zod";
import { imagesOf, recoveryOptimizer, samplerOf, sizeOptions, type RecoveryTable } from "./recovery.js";

const count = z.number().int().min(1);

export interface CooperativeTable extends Omit<RecoveryTable, "levels" | "sampler" | "beta1" | "dataNoise"> {
  /** Base channels of the initialiser, and its blocks at each resolution. */
  readonly initialiserChannels: number;
  readonly initialiserBlocks: number;
  readonly initialiserLearningRate: number;
  readonly initialiserInput: InitialiserInput;
  /** Sides at which positions of the initialiser attend to each other. */
  readonly initialiserAttention: readonly number[];
}

/** Options of every preset. Each change against plain recovery likelihood has a switch. */
export const cooperativeOptions = (table: CooperativeTable) => ({
  ...sizeOptions(table),
  /** Whether chains start at a learned initialiser; else at x_{t+1}. */
  initialiser: z.boolean().default(true),
  initialiserChannels: count.default(table.initialiserChannels),
  initialiserLearningRate: z.number().positive().default(table.initialiserLearningRate),
  /** What the initialiser sees: "far" for x_{t+1}, "shrunk" for what is left of it in white data. */
  initialiserInput: z.enum(["far", "shrunk"]).default(table.initialiserInput),
  /** "cosine" is linear in the angle. "strided" is the ladder of plain recovery likelihood. */
  schedule: z.enum(["cosine", "strided"]).default("cosine"),
  /** Whether x_t and x_{t+1} share their noise. */
  sharedNoise: z.boolean().default(true),
  /** Whether samples end with the mean of clean data. */
  denoise: z.boolean().default(true),
  /** How the networks see the level, and the layers of the energy. */
  design: z.enum(["cooperative", "recovery"]).default("cooperative"),
});

export type CooperativeOptions = z.output<z.ZodObject<ReturnType<typeof cooperativeOptions>>>;

/** The learner of images. */
export function cooperativeImages(options: CooperativeOptions, table: CooperativeTable) {
  const { channels, blocks, levels, steps, warmup, design, sharedNoise, denoise } = options;
  const { imageShape, multipliers, initialiserBlocks, initialiserAttention: attention } = table;
  const of = options.schedule === "cosine" ? ladder.cosine(levels) : ladder.recovery(levels);
  const initialiserRate = linearWarmup({ steps: warmup, then: options.initialiserLearningRate });
  const initialiser = {
    model: conditionalUnet({
      ...{ imageShape, multipliers, channels: options.initialiserChannels, blocks: initialiserBlocks, attention },
    }),
    optimizer: clipped(adam({ learningRate: initialiserRate }), { maxNorm: 1 }),
    input: options.initialiserInput,
  };
  return recoveryLikelihood({
    model: wideResidualEnergy({ imageShape, channels, multipliers, blocks, design }),
    optimizer: clipped(recoveryOptimizer(options, { beta1: 0.9 }), { maxNorm: 1 }),
    observe: imagesOf,
    ...{ shape: imageShape, ladder: of, sharedNoise, denoise },
    time: design === "cooperative" ? "angle" : "index",
    sampler: samplerOf({ sampler: "short", steps, dataNoise: 0 }, of),
    ...(options.initialiser && { initialiser }),
  });
}
