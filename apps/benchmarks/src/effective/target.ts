/** What is sampled for effective draws a second. */
import type { Posterior } from "@ergodic/samplers/posterior";

export interface EffectiveTarget {
  readonly title: string;
  /** Number of chains, unless others are asked for. */
  readonly chains?: number;
  /** Number of warm-up steps, and number of draws. */
  readonly steps: number;
  /** Numbers that every sampler reads from one file. */
  data(): unknown;
  /** Makes the energy. The process has chosen its engine before. */
  open(data: unknown): Posterior;
}
