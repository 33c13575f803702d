/**
 * Published areas under precision and recall of a digit that is absent from training.
 *
 * ± is the spread over the last ten epochs of a run, as arXiv 1901.08508 and arXiv 2310.09604 say.
 */
import type { PublishedDetection } from "@ergodic/evaluation/model";

type Row = PublishedDetection["rows"][number];

const digits = [1, 4, 5, 7, 9];

/** Values and spreads for the digits 1, 4, 5, 7 and 9. */
const models: readonly {
  readonly name: string;
  readonly source: string;
  readonly values: readonly number[];
  readonly spreads?: readonly number[];
}[] = [
  { name: "VAE", source: "arXiv 1802.06222", values: [0.063, 0.337, 0.325, 0.148, 0.104] },
  {
    name: "MEG",
    source: "arXiv 1901.08508",
    values: [0.281, 0.401, 0.402, 0.29, 0.342],
    spreads: [0.035, 0.061, 0.062, 0.04, 0.034],
  },
  {
    name: "BiGAN-σ",
    source: "arXiv 1802.06222",
    values: [0.287, 0.443, 0.514, 0.347, 0.307],
    spreads: [0.023, 0.029, 0.029, 0.017, 0.028],
  },
  {
    name: "LEBM",
    source: "arXiv 2006.08205, one layer",
    values: [0.336, 0.63, 0.619, 0.463, 0.413],
    spreads: [0.008, 0.017, 0.013, 0.009, 0.01],
  },
  {
    name: "OT-SRI",
    source: "as in arXiv 2306.06323",
    values: [0.353, 0.77, 0.726, 0.55, 0.555],
    spreads: [0.021, 0.024, 0.03, 0.013, 0.023],
  },
  {
    name: "JEBM",
    source: "arXiv 2306.06323, two layers",
    values: [0.47, 0.941, 0.964, 0.815, 0.796],
    spreads: [0.009, 0.001, 0.003, 0.004, 0.004],
  },
  {
    name: "HVAE",
    source: "arXiv 2310.09604",
    values: [0.494, 0.92, 0.913, 0.68, 0.791],
    spreads: [0.004, 0.004, 0.003, 0.006, 0.008],
  },
  {
    name: "joint EBM",
    source: "arXiv 2310.09604, with an encoder",
    values: [0.722, 0.949, 0.98, 0.941, 0.935],
    spreads: [0.01, 0.002, 0.001, 0.003, 0.003],
  },
];

const note = [
  "the published values do not compare with this run or with each other.",
  "An area depends on the share of anomalies (by chance it is that share, so LEBM is below chance for digit 1).",
  "The rows VAE and BiGAN-σ were copied from paper to paper: VAE's areas for 1, 7 and 9 are less than any score can",
  "have at this share. Networks differ and are in part unpublished; HVAE and joint EBM infer by an encoder.",
].join(" ");

/** The published values for a digit, if there are any. */
export function publishedMnistAnomaly(digit: number): PublishedDetection | undefined {
  const at = digits.indexOf(digit);
  if (at < 0) return undefined;
  const rows = models.map(({ name, source, values, spreads }): Row => {
    return { name, source, value: values[at]!, ...(spreads && { spread: spreads[at]! }) };
  });
  return { metric: "auprc", rows, note };
}
