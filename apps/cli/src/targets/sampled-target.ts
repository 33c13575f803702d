/**
 * What `ergodic sample-target` samples: a target with known moments, or a posterior from a file.
 */
import * as tf from "@tensorflow/tfjs-core";
import { basename, extname } from "node:path";
import type { KnownTarget } from "@ergodic/diagnosis";
import type { Target } from "@ergodic/energies";
import { chainCount } from "@ergodic/samplers/kernels";
import type { FreeNumbers, Posterior } from "@ergodic/samplers/posterior";
import { importExperimentFile } from "../experiments/import-file.js";
import { usageError } from "../errors.js";
import type { Limits } from "./describe.js";

export interface SampledTarget extends KnownTarget {
  readonly name: string;
  /** Numbers of a position. */
  readonly dimension: number;
  energy(x: tf.Tensor): tf.Tensor;
  /** The limits of quantities, in words. */
  readonly limits?: Limits;
  /** Draws by name, `[chains, draws, ...]`, of positions `[chains, draws, dimension]`. */
  draws?(positions: tf.Tensor): Readonly<Record<string, tf.Tensor>>;
}

/** A target with known moments. */
export const knownTarget = (target: Target): SampledTarget => ({ ...target, energy: (x) => target.energy(x) });

/** Whether a name is that of a file. */
export const isFile = (name: string): boolean => /[\\/]/.test(name) || /^\.[cm]?[jt]s$/.test(extname(name));

const isPosterior = (value: unknown): value is Posterior =>
  typeof value === "object" &&
  value !== null &&
  ["energy", "draws", "start", "numbers", "parameters"].every((name) => name in value);

/** The free numbers of rows, by parameter. */
function freeNumbers({ parameters }: Posterior, rows: tf.Tensor): FreeNumbers {
  const before = rows.shape.slice(0, -1);
  let at = 0;
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { free }]) => {
      const size = free.reduce((product, n) => product * n, 1);
      const part = tf.slice(rows, [...before.map(() => 0), at], [...before, size]);
      at += size;
      return [name, tf.reshape(part, [...before, ...free])];
    }),
  );
}

/** A posterior as a target: its quantities are the numbers of its parameters. */
export function posteriorTarget(name: string, posterior: Posterior): SampledTarget {
  const valuesOf = (x: tf.Tensor, parameter: string, at: number): tf.Tensor1D =>
    tf.tidy(() => {
      const value = posterior.draws(freeNumbers(posterior, x))[parameter]!;
      return tf.reshape(tf.slice(tf.reshape(value, [x.shape[0]!, -1]), [0, at], [-1, 1]), [-1]);
    });
  const first = (parameter: string): number => posterior.numbers.findIndex((one) => one.parameter === parameter);
  return {
    name,
    dimension: posterior.dimension,
    energy: (x) => posterior.energy(freeNumbers(posterior, x), tf.range(0, chainCount(x), 1, "int32")),
    quantities: posterior.numbers.map(({ name: of, parameter }, i) => ({
      name: of,
      mean: NaN,
      sd: NaN,
      of: (x) => valuesOf(x, parameter, i - first(parameter)),
    })),
    limits: Object.fromEntries(posterior.numbers.map(({ name: of, limits }) => [of, limits])),
    draws: (positions) => posterior.draws(freeNumbers(posterior, positions)),
  };
}

/** A target of the user: an energy of rows of numbers, and what is known of it. */
interface OwnTarget extends Partial<KnownTarget> {
  readonly name?: string;
  readonly dimension: number;
  energy(x: tf.Tensor): tf.Tensor;
}

const isOwnTarget = (value: unknown): value is OwnTarget =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as OwnTarget).energy === "function" &&
  Number.isSafeInteger((value as OwnTarget).dimension) &&
  (value as OwnTarget).dimension > 0;

/** A target whose quantities are its coordinates, unless it has its own. */
function ownTarget(file: string, target: OwnTarget): SampledTarget {
  const { name = file, dimension, quantities, modes } = target;
  const coordinates = Array.from({ length: dimension }, (_, i) => ({
    name: `x${i}`,
    mean: NaN,
    sd: NaN,
    of: (x: tf.Tensor2D) => tf.squeeze(tf.slice(x, [0, i], [-1, 1]), [1]) as tf.Tensor1D,
  }));
  const energy = (x: tf.Tensor): tf.Tensor => target.energy(x);
  return { name, dimension, energy, quantities: quantities ?? coordinates, ...(modes && { modes }) };
}

/**
 * The posterior or target that a file exports.
 *
 * @throws CliError when the file cannot be loaded, or its default export is neither.
 */
export async function loadTarget(path: string): Promise<SampledTarget> {
  const { default: found } = await importExperimentFile(path);
  const name = basename(path, extname(path));
  if (isPosterior(found)) return posteriorTarget(name, found);
  if (isOwnTarget(found)) return ownTarget(name, found);
  throw usageError(
    `${path} has no posterior or target as its default export. Write: export default posterior({ parameters, energy }), ` +
      "or export default { dimension, energy, quantities }",
  );
}
