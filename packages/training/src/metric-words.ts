/** The order of metrics for readers, and one line about each well-known one. */

/** Metrics that are shown first, because they are the most informative. */
const first = [/loss/i, /^nats$/, /reconstruction/i, /gap$/i];

/** The names with losses, reconstructions and gaps first, otherwise in their order. */
export function metricOrder(names: readonly string[]): string[] {
  const rank = (name: string) => first.findIndex((pattern) => pattern.test(name)) >>> 0;
  return [...names].sort((a, b) => rank(a) - rank(b));
}

/** The first pattern that fits the last part of a name counts. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [/energyLoss|energyGap/i, "Mean energy of data minus that of samples. Near 0 where both are alike."],
  [/energyPositive/i, "Mean energy of data."],
  [/energyNegative/i, "Mean energy of samples of the model."],
  [/reconstruction/i, "Squared error of what the model makes of data. Lower is better."],
  [/^nats$/, "Mean of -log p(x) of data, in nats. Lower is better."],
  [/crossEntropy/i, "Mean of -log p(class | x). Lower is better."],
  [/accuracy/i, "Share of right classes."],
  [/loss/i, "What learning makes smaller."],
  [/gradientNorm/i, "Length of the gradient before it is clipped. It should neither grow nor jump."],
  [/skipped/i, "Updates that were left out, because they were not finite."],
  [/acceptance/i, "Share of proposals that chains accept."],
  [/bufferAge/i, "Mean age of persistent chains, in updates."],
  [/latentMax/i, "Largest magnitude of a latent at the end of its chain."],
  [/drift/i, "Largest mean change of a value by its chain. Near 0 where the model fits."],
  [/rollbacks/i, "Returns to an earlier checkpoint so far."],
  [/^rate$/, "Factor of the learning rates after returns to earlier checkpoints."],
];

/** One sentence about a metric; undefined for a metric that this package does not know. */
export function metricExplanation(name: string): string | undefined {
  const last = name.split(".").at(-1) ?? name;
  return explanations.find(([pattern]) => pattern.test(last))?.[1];
}
