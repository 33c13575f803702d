/** log Z of an energy of the plane, as a sum over the cells of a grid. */
import { assertPositive, fail } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** A rectangle cut into equal cells. */
export interface PlaneGrid {
  /** The lower left corner. */
  readonly low: readonly [number, number];
  /** The upper right corner. */
  readonly high: readonly [number, number];
  /** Cells along each side. */
  readonly cells: number;
}

/** E(x) of points `[n, 2]`, `[n]`. */
export type PlaneEnergy = (points: tf.Tensor2D) => Promise<tf.Tensor> | tf.Tensor;

export interface PlanePartition {
  /** log Σ exp(-E) · area over the cells of `grid`. */
  readonly logPartition: number;
  /** The change of log Z when the sides of the rectangle were doubled. */
  readonly extentChange: number;
  /** The change of log Z when the sides of the cells were halved. */
  readonly resolutionChange: number;
  /**
   * Whether both changes are within the tolerance. Otherwise the density is wider or sharper than
   * the largest grid shows, or has no finite log Z.
   */
  readonly settled: boolean;
  readonly grid: PlaneGrid;
  /** E at the centres of the cells, as {@link cellCentres} orders them. */
  readonly energies: Float64Array;
}

export interface PlanePartitionOptions extends Pick<PlaneGrid, "low" | "high"> {
  /** The largest change of log Z that settles it, in nats. Default 0.001. */
  readonly tolerance?: number;
}

/** Cells along a side of the first grid, of the widest, and of the finest. */
const cellCounts = { first: 64, widest: 512, finest: 1024 };

/** Points in one call. Every grid is a multiple, so one program serves all. */
const chunk = cellCounts.first ** 2;

/**
 * log ∫ exp(-E(x)) dx over the plane, by the midpoint rule.
 *
 * The rectangle from `low` to `high`, for instance that of the data, is doubled about its centre
 * until the mass outside changes log Z by less than the tolerance. Then the cells are halved until
 * that does. Mass beyond the last rectangle is not seen.
 *
 * @throws ValidationError for an empty rectangle, a tolerance that is not positive, energies that
 *   are NaN or -Infinity, or another number of them than of points
 */
export async function planePartition(
  energy: PlaneEnergy,
  { low, high, tolerance = 1e-3 }: PlanePartitionOptions,
): Promise<PlanePartition> {
  assertPositive({ tolerance });
  if (!(low[0] < high[0] && low[1] < high[1]))
    fail(`the rectangle goes from [${low.join(", ")}] to [${high.join(", ")}]`, "low < high in both coordinates");
  const first = await summed(energy, { low, high, cells: cellCounts.first });
  const wide = await refined(first, { energy, tolerance, by: doubled, most: cellCounts.widest });
  const fine = await refined(wide.last, { energy, tolerance, by: halved, most: cellCounts.finest });
  return {
    ...fine.last,
    extentChange: wide.change,
    resolutionChange: fine.change,
    settled: Math.max(Math.abs(wide.change), Math.abs(fine.change)) <= tolerance,
  };
}

type Sum = Pick<PlanePartition, "grid" | "energies" | "logPartition">;

interface Refinement {
  readonly energy: PlaneEnergy;
  readonly tolerance: number;
  readonly by: (grid: PlaneGrid) => PlaneGrid;
  readonly most: number;
}

/** Changes the grid until log Z settles or the grid has the most cells: the last sum and change. */
async function refined(start: Sum, { energy, tolerance, by, most }: Refinement) {
  let last = start;
  let change = Infinity;
  while (Math.abs(change) > tolerance && last.grid.cells < most) {
    const next = await summed(energy, by(last.grid));
    change = next.logPartition - last.logPartition;
    last = next;
  }
  return { last, change };
}

/** Twice the sides, with cells of the same size. */
function doubled({ low, high, cells }: PlaneGrid): PlaneGrid {
  const [dx, dy] = [(high[0] - low[0]) / 2, (high[1] - low[1]) / 2];
  return { low: [low[0] - dx, low[1] - dy], high: [high[0] + dx, high[1] + dy], cells: 2 * cells };
}

const halved = (grid: PlaneGrid): PlaneGrid => ({ ...grid, cells: 2 * grid.cells });

async function summed(energy: PlaneEnergy, grid: PlaneGrid): Promise<Sum> {
  const energies = await energiesAt(energy, cellCentres(grid));
  const lowest = energies.reduce((least, value) => Math.min(least, value), Infinity);
  if (lowest === Infinity) fail("all energies on the grid are Infinity", "a finite one", "choose another rectangle");
  const total = energies.reduce((sum, value) => sum + Math.exp(lowest - value), 0);
  return { grid, energies, logPartition: Math.log(total) + Math.log(cellArea(grid)) - lowest };
}

/**
 * E of points, row-major `[n, 2]`, in float64.
 *
 * @throws ValidationError for energies that are NaN or -Infinity, or another number of them
 */
export async function energiesAt(energy: PlaneEnergy, points: Float32Array): Promise<Float64Array> {
  const count = points.length / 2;
  const all = new Float64Array(count);
  for (let from = 0; from < count; from += chunk) {
    const part = tf.tensor2d(points.subarray(2 * from, 2 * (from + chunk)), [Math.min(chunk, count - from), 2]);
    const energies = await energy(part);
    if (energies.rank !== 1 || energies.shape[0] !== part.shape[0])
      fail(`the energy returned shape [${energies.shape.join(", ")}]`, `[${part.shape[0]}], one number per point`);
    all.set(await energies.data<"float32">(), from);
    tf.dispose([part, energies]);
  }
  const bad = all.findIndex((value) => Number.isNaN(value) || value === -Infinity);
  if (bad >= 0)
    fail(`the energy of [${points[2 * bad]}, ${points[2 * bad + 1]}] is ${all[bad]}`, "a number or Infinity");
  return all;
}

/** Centres of the cells, row by row from the lowest, `[cells², 2]`. */
export function cellCentres({ low, high, cells }: PlaneGrid): Float32Array {
  const [width, height] = [(high[0] - low[0]) / cells, (high[1] - low[1]) / cells];
  const centres = new Float32Array(2 * cells * cells);
  for (let i = 0; i < cells * cells; i++) {
    centres[2 * i] = low[0] + ((i % cells) + 0.5) * width;
    centres[2 * i + 1] = low[1] + (Math.floor(i / cells) + 0.5) * height;
  }
  return centres;
}

export const cellArea = ({ low, high, cells }: PlaneGrid): number =>
  ((high[0] - low[0]) * (high[1] - low[1])) / cells ** 2;
