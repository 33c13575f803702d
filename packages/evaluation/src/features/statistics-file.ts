/** Means and covariances of features in `.npz` files, as pytorch-fid and TTUR read and write them: `mu`, `sigma`. */
import { readNpz, writeNpz, type NpyArray } from "@ergodic/data";
import { fail } from "@ergodic/tensor";
import type { GaussianStatistics } from "../frechet.js";
import type { ImageProtocol } from "./collect.js";

export interface StoredStatistics {
  readonly statistics: GaussianStatistics;
  /** How they were computed; files of other programs do not say. */
  readonly protocol?: ImageProtocol;
}

/** Writes `mu` `[d]` and `sigma` `[d, d]` in float64, with the count and, as JSON text in bytes, the protocol. */
export async function saveStatistics(path: string, { statistics, protocol }: StoredStatistics): Promise<void> {
  const { dimensions, mean, covariance, count } = statistics;
  const text = new TextEncoder().encode(JSON.stringify(protocol ?? null));
  await writeNpz(path, {
    mu: { shape: [dimensions], values: mean },
    sigma: { shape: [dimensions, dimensions], values: covariance },
    ...(count === undefined ? {} : { count: { shape: [], values: Int32Array.of(count) } }),
    ...(protocol === undefined ? {} : { protocol: { shape: [text.length], values: text } }),
  });
}

/**
 * Reads a file with `mu` and `sigma`, in float64 or float32.
 *
 * @throws ValidationError when they are missing, do not fit one another, or sigma is not symmetric
 */
export async function loadStatistics(path: string): Promise<StoredStatistics> {
  const archive = await readNpz(path);
  const [mu, sigma] = [await archive.array("mu"), await archive.array("sigma")];
  const dimensions = mu.shape[0] ?? 0;
  if (mu.shape.length !== 1 || sigma.shape.join() !== [dimensions, dimensions].join())
    fail(
      `${path} has mu [${mu.shape.join(",")}] and sigma [${sigma.shape.join(",")}]`,
      "mu [d] and sigma [d,d]",
      "save them as pytorch-fid does",
    );
  const covariance = Float64Array.from(sigma.values);
  assertSymmetric(path, covariance, dimensions);
  const optional = async (name: string): Promise<NpyArray | undefined> =>
    archive.names.includes(name) ? archive.array(name) : undefined;
  const [count, protocol] = [await optional("count"), await optional("protocol")];
  return {
    statistics: {
      ...{ dimensions, mean: Float64Array.from(mu.values), covariance },
      ...(count === undefined ? {} : { count: count.values[0]! }),
    },
    ...(protocol === undefined
      ? {}
      : { protocol: JSON.parse(new TextDecoder().decode(protocol.values as Uint8Array)) as ImageProtocol }),
  };
}

function assertSymmetric(path: string, matrix: Float64Array, size: number): void {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++)
      if (Math.abs(matrix[i * size + j]! - matrix[j * size + i]!) > 1e-5 * largest)
        fail(`sigma in ${path} is not symmetric at (${i}, ${j})`, "a covariance", "compute the statistics again");
}
