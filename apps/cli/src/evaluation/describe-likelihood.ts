/** Formats likelihoods of models with latents as text. */
import { fewEffective, type LikelihoodScores } from "@ergodic/evaluation/likelihood";
import type { PartitionEstimate } from "@ergodic/training";
import { columns, short, withThousands } from "../terminal/format.js";

/** Formats the likelihood with its effective sample sizes; empty when it was not estimated. */
export function describeLikelihood({ likelihood }: LikelihoodScores): string {
  if (likelihood === undefined) return "";
  const { value, standardError, above, perWord, entropy, samples, effectiveSamples, doubtful, partition, prior, test } =
    likelihood;
  const bitsOf = ({ bitsPerDimension: bits }: { readonly bitsPerDimension?: number }): string =>
    bits === undefined ? "" : `, ${bits.toFixed(4)} bits per dimension`;
  const words = perWord && `, ${perWord.nats.toFixed(3)} nats per word (perplexity ${short(Math.exp(perWord.nats))})`;
  const rows: [string, string][] = [
    ["-log p(x)", `${value.toFixed(2)} ± ${short(standardError)} nats${bitsOf(likelihood)}${words ?? ""}`],
    ...(above
      ? [["  or", `${above.value.toFixed(2)} nats${bitsOf(above)}, by the reverse log Z`] as [string, string]]
      : []),
    ...(entropy === undefined
      ? []
      : [["  least possible", `${entropy.toFixed(3)}, the entropy of the data`] as [string, string]]),
    ["  of", `${withThousands(test.count)} of ${test.description}`],
    [
      "  samples",
      `${withThousands(samples)} each, effective ${short(effectiveSamples.median)} (median), ${short(effectiveSamples.least)} (least)`,
    ],
    prior === undefined ? ["log Z", logPartition(partition)] : ["prior", `${prior} in the place of its own`],
    ...(partition.reverse === undefined
      ? []
      : [["  or", `${partition.reverse.toFixed(3)} from the other side`] as [string, string]]),
  ];
  const notes = [
    ...(doubtful > 0
      ? [
          `note: ${withThousands(doubtful)} of ${withThousands(test.count)} examples have fewer than ${fewEffective} effective samples: -log p(x) is likely too high; take more --importance-samples`,
        ]
      : []),
    ...(isCrossed(partition)
      ? [
          "note: the two estimates of log Z are in the wrong order: the chains of the model do not mix, and its energies are no densities; learn with chains that mix, for recovery/* by options.sampler=mixing",
        ]
      : []),
    ...((partition.effectiveSamples ?? Infinity) < fewEffective
      ? [
          `note: log Z has ${short(partition.effectiveSamples!)} effective samples: it is likely too low, and -log p(x) with it`,
        ]
      : []),
  ];
  return [columns(rows, 3), ...notes].join("\n");
}

/** Whether the bound from above is surely below the other. */
const isCrossed = ({ logPartition: value, reverse, standardError }: PartitionEstimate): boolean =>
  reverse !== undefined && reverse < value - 5 * standardError;

function logPartition({ logPartition: value, standardError, samples, effectiveSamples }: PartitionEstimate): string {
  if (samples === undefined || effectiveSamples === undefined) return `${short(value)}, known`;
  return `${value.toFixed(3)} ± ${short(standardError)}, ${withThousands(samples)} samples, effective ${short(effectiveSamples)}`;
}
