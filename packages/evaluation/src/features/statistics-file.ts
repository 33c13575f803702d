/**
 * Means and covariances of features in `.npz` files, `mu` and `sigma` as pytorch-fid and TTUR use
 * them.
 */
import { assertInteger, assertInRange, fail } from "@ergodic/tensor";
import type { NpyArray } from "@ergodic/formats";
import { openNpz, writeNpz } from "@ergodic/formats/node";
import { assertGaussian } from "../covariance-factor.js";
import type { GaussianStatistics } from "../frechet.js";
import type { ImageProtocol } from "./collect.js";

export interface StoredStatistics {
  readonly statistics: GaussianStatistics;
  /** How the statistics were computed; absent in files of other programs. */
  readonly protocol?: ImageProtocol;
}

/**
 * Writes `mu` `[d]` and `sigma` `[d, d]` in float64, the count, and the protocol as JSON text in
 * bytes.
 *
 * @throws ValidationError for statistics of no Gaussian, before anything is written
 */
export async function saveStatistics(path: string, { statistics, protocol }: StoredStatistics): Promise<void> {
  assertGaussian("the statistics", statistics);
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
 * @throws ValidationError when they are missing, do not match or are not finite, or when sigma is
 *   not symmetric or has a negative eigenvalue
 */
export async function loadStatistics(path: string): Promise<StoredStatistics> {
  const archive = await openNpz(path);
  const [mu, sigma] = [await archive.array("mu"), await archive.array("sigma")];
  const dimensions = mu.shape[0] ?? 0;
  if (mu.shape.length !== 1 || sigma.shape.join() !== [dimensions, dimensions].join())
    fail(
      `${path} has mu [${mu.shape.join(",")}] and sigma [${sigma.shape.join(",")}]`,
      "mu [d] and sigma [d,d]",
      "save them as pytorch-fid does",
    );
  const read = { dimensions, mean: Float64Array.from(mu.values), covariance: Float64Array.from(sigma.values) };
  assertGaussian(`the statistics in ${path}`, read);
  const optional = async (name: string): Promise<NpyArray | undefined> =>
    archive.names.includes(name) ? archive.array(name) : undefined;
  const [count, protocol] = [await optional("count"), await optional("protocol")];
  if (count !== undefined) {
    const named = { [`count in ${path}`]: count.values[0] };
    assertInteger(named);
    assertInRange(named, { min: 2 }, "a covariance is computed from at least two examples");
  }
  return {
    statistics: { ...read, ...(count === undefined ? {} : { count: count.values[0]! }) },
    ...(protocol === undefined
      ? {}
      : { protocol: JSON.parse(new TextDecoder().decode(protocol.values as Uint8Array)) as ImageProtocol }),
  };
}
