/** The scores of a model of images: what they are called, what they hold, and how they read. */
import { closestName } from "@ergodic/training";
import { usageError } from "../errors.js";
import { detectionMetrics, type DetectionMetric } from "./detection.js";
import { columns, short, withThousands } from "../terminal/format.js";
import { networkMetrics, type NetworkMetric } from "./network-request.js";

/** Fréchet distances in the fixed principal space; lower is better. */
export interface FrechetScore {
  /** Of samples as the model makes them: after the Markov chain, if it has one. */
  readonly value: number;
  /** Of samples made from the chain's starting points; only for models with a chain. */
  readonly withoutChain?: number;
  /** Of as many training images: no model can be expected to be better. */
  readonly floor: number;
  readonly components: number;
  readonly generated: number;
  readonly test: number;
  /** Where images are few, so that the distance is biased upward: what two sets of one law would have, at most. */
  readonly bias?: number;
}

/** Mean squared error of reconstructions, per pixel, images in [-1, 1]. */
export interface ReconstructionScore {
  readonly value: number;
  readonly test: number;
}

export interface Scores {
  readonly fpd?: FrechetScore;
  readonly mse?: ReconstructionScore;
}

/** Of a trained model and the data its experiment names. */
const modelMetrics = ["fpd", "mse"] as const;

export type MetricName = (typeof modelMetrics)[number];

/** Metrics by what they need: the experiment's own data, anomalies besides, or a network. */
export interface ChosenMetrics {
  readonly model: readonly MetricName[];
  readonly detection: readonly DetectionMetric[];
  readonly network: readonly NetworkMetric[];
}

/** @throws CliError naming the nearest metric for one that is unknown */
export function chooseMetrics(names: readonly string[]): ChosenMetrics {
  const all: readonly string[] = [...modelMetrics, ...detectionMetrics, ...networkMetrics];
  for (const name of names) {
    if (all.includes(name)) continue;
    const near = closestName(name, all);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw usageError(`unknown metric "${name}".${hint}  (all: ${all.join(", ")})`);
  }
  return {
    model: modelMetrics.filter((metric) => names.includes(metric)),
    detection: detectionMetrics.filter((metric) => names.includes(metric)),
    network: networkMetrics.filter((metric) => names.includes(metric)),
  };
}

/** Scores as lines of text. */
export function describeScores({ fpd, mse }: Scores): string {
  const rows: [string, string][] = [];
  if (fpd !== undefined) {
    const chain = fpd.withoutChain === undefined ? "FPD" : "FPD after the chain";
    rows.push([chain, `${short(fpd.value)}${improvement(fpd)}`]);
    if (fpd.withoutChain !== undefined) rows.push(["FPD of z ~ N(0, I)", short(fpd.withoutChain)]);
    const sizes = `${withThousands(fpd.generated)} generated, ${withThousands(fpd.test)} test images`;
    rows.push([
      "FPD floor",
      `${short(fpd.floor)}   training against test images (${fpd.components} components, ${sizes})`,
    ]);
  }
  if (mse !== undefined) {
    rows.push(["reconstruction MSE", `${short(mse.value)}   per pixel, ${withThousands(mse.test)} test images`]);
  }
  const few =
    fpd?.bias === undefined
      ? []
      : [
          `note: FPD of so few images is biased upward, that of two sets of one law would be up to ${short(fpd.bias)}; compare equal counts only`,
        ];
  return [columns(rows, 3), ...few].join("\n");
}

function improvement({ value, withoutChain }: FrechetScore): string {
  if (withoutChain === undefined || withoutChain <= 0) return "";
  const change = Math.round(100 * (value / withoutChain - 1));
  return `   ${change <= 0 ? "" : "+"}${change} % against z ~ N(0, I)`;
}
