/** Histograms and modes of points in the plane, for the slow test of the toys. */
import * as tf from "@tensorflow/tfjs-core";
import { summarize } from "@ergodic/samplers";
import { modeVisits, type ModeVisits } from "@ergodic/samplers/diagnostics";

const cells = 18;
const half = 4.5;

/**
 * Shares of points in the 18 x 18 cells of [-4.5, 4.5]², followed by the share outside. Each point
 * counts by its weight, 1/n by default.
 */
export function histogram(points: Float32Array, weights?: Float64Array): Float64Array {
  const shares = new Float64Array(cells * cells + 1);
  const n = points.length / 2;
  for (let i = 0; i < n; i += 1) {
    const [column, row] = [points[2 * i]!, points[2 * i + 1]!].map((x) =>
      Math.floor(((x + half) / (2 * half)) * cells),
    );
    const inside = column! >= 0 && column! < cells && row! >= 0 && row! < cells;
    shares[inside ? row! * cells + column! : cells * cells]! += weights?.[i] ?? 1 / n;
  }
  return shares;
}

/** Total variation, ½ Σ |a - b|. */
export const totalVariation = (a: Float64Array, b: Float64Array): number =>
  0.5 * a.reduce((sum, share, i) => sum + Math.abs(share - b[i]!), 0);

export interface Mixing extends Pick<ModeVisits, "hopRate" | "visited" | "occupancy"> {
  /** The largest R-hat and the smallest bulk ESS over the two coordinates. */
  readonly rHat: number;
  readonly essBulk: number;
}

/**
 * Mixing diagnostics of chains `[chains, draws, 2]`. `mode` maps positions `[n, 2]` to mode indices
 * `[n]`.
 */
export function mixing(positions: tf.Tensor, mode: (positions: tf.Tensor) => tf.Tensor): Mixing {
  const [chains, draws] = positions.shape as [number, number];
  const rows = summarize(positions);
  const labels = tf.reshape(mode(tf.reshape(positions, [chains * draws, 2])), [chains, draws]);
  const { hopRate, visited, occupancy } = modeVisits(labels);
  return {
    rHat: Math.max(...rows.map((row) => row.rHat)),
    essBulk: Math.min(...rows.map((row) => row.essBulk)),
    hopRate,
    visited,
    occupancy,
  };
}
