/** Precision, recall, density and coverage: how two sets of features overlap, by balls around their points. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { rowProducts, rowsOf, type DenseMatrix } from "./linear-algebra/row-products.js";
import { assertAllFinite, rowCount, type NumberArray } from "./numbers.js";
import { shiftedRows } from "./rows.js";

export interface BallConvention {
  /** A point's ball reaches to its `neighbours`-th nearest neighbour in its own set, itself excluded. */
  readonly neighbours: number;
  /** Whether a ball holds its own surface: `distance <= radius` instead of `<`. */
  readonly closed: boolean;
}

/** As in arXiv 1904.06991: k = 3, closed balls. */
export const precisionRecallConvention: BallConvention = { neighbours: 3, closed: true };
/** As in the code of arXiv 2002.09797: k = 5, open balls. */
export const densityCoverageConvention: BallConvention = { neighbours: 5, closed: false };

export interface ManifoldScores extends BallConvention {
  /** Share of generated points inside at least one ball of a real point. */
  readonly precision: number;
  /** Share of real points inside at least one ball of a generated point. */
  readonly recall: number;
  /** Mean over generated points of the number of real balls that hold it, over `neighbours`; may exceed 1. */
  readonly density: number;
  /** Share of real points whose ball holds a generated point. */
  readonly coverage: number;
}

/**
 * All four scores for each convention, Euclidean, in float64 on features shifted by the mean of the real ones.
 *
 * Sources: Improved Precision and Recall Metric, arXiv 1904.06991; Reliable Fidelity and Diversity Metrics, arXiv 2002.09797.
 *
 * @param real `[n, dimensions]` @param generated `[m, dimensions]`, row-major
 * @throws ValidationError when a set has no more points than `neighbours`, rows are incomplete, or numbers are not finite
 */
export function manifoldScores(
  real: NumberArray,
  generated: NumberArray,
  dimensions: number,
  conventions: readonly BallConvention[] = [precisionRecallConvention, densityCoverageConvention],
): ManifoldScores[] {
  const neighbours = conventions.map((convention) => convention.neighbours);
  neighbours.forEach((count, i) => assertPositiveInteger({ [`conventions[${i}].neighbours`]: count }));
  const most = Math.max(...neighbours);
  check("the real features", real, dimensions, most);
  check("the generated features", generated, dimensions, most);
  const shift = new Float64Array(dimensions);
  for (let at = 0; at < real.length; at++) shift[at % dimensions]! += real[at]!;
  for (let j = 0; j < dimensions; j++) shift[j]! /= real.length / dimensions;
  const [reals, fakes] = [shiftedRows(real, dimensions, shift), shiftedRows(generated, dimensions, shift)];
  const [realRadii, fakeRadii] = [squaredRadii(reals, neighbours), squaredRadii(fakes, neighbours)];
  const counts = conventions.map(() => new Counts(reals.rows, fakes.rows));
  squaredDistances(fakes, reals, (fake, distances) => {
    conventions.forEach(({ closed }, c) =>
      counts[c]!.add(fake, distances, realRadii[c]!, fakeRadii[c]![fake]!, closed),
    );
  });
  return conventions.map((convention, c) => ({ ...convention, ...counts[c]!.scores(convention.neighbours) }));
}

/** Who lies in whose ball, for one convention. */
class Counts {
  private readonly inRealBalls: Int32Array;
  private readonly inFakeBall: Uint8Array;
  private readonly covered: Uint8Array;

  constructor(reals: number, fakes: number) {
    this.inRealBalls = new Int32Array(fakes);
    this.inFakeBall = new Uint8Array(reals);
    this.covered = new Uint8Array(reals);
  }

  add(fake: number, distances: Float64Array, realRadii: Float64Array, fakeRadius: number, closed: boolean): void {
    for (let i = 0; i < distances.length; i++) {
      const distance = distances[i]!;
      if (closed ? distance <= realRadii[i]! : distance < realRadii[i]!) {
        this.inRealBalls[fake]! += 1;
        this.covered[i] = 1;
      }
      if (closed ? distance <= fakeRadius : distance < fakeRadius) this.inFakeBall[i] = 1;
    }
  }

  scores(neighbours: number) {
    const share = (flags: ArrayLike<number>) => Array.from(flags).filter((flag) => flag > 0).length / flags.length;
    const balls = this.inRealBalls.reduce((sum, count) => sum + count, 0);
    return {
      precision: share(this.inRealBalls),
      recall: share(this.inFakeBall),
      density: balls / (neighbours * this.inRealBalls.length),
      coverage: share(this.covered),
    };
  }
}

/** Rows whose distances to all others are held at a time. */
const ROWS_AT_ONCE = 64;

/** `|u|^2 - 2 u v + |v|^2`, at least 0, for each row of `a` to all rows of `b`; the array is used anew for each row. */
function squaredDistances(a: DenseMatrix, b: DenseMatrix, visit: (row: number, distances: Float64Array) => void): void {
  const [squaresA, squaresB] = [squaredLengths(a), squaredLengths(b)];
  const distances = new Float64Array(b.rows);
  for (let from = 0; from < a.rows; from += ROWS_AT_ONCE) {
    const part = rowsOf(a, from, Math.min(ROWS_AT_ONCE, a.rows - from));
    const products = rowProducts(part, b).values;
    for (let i = 0; i < part.rows; i++) {
      for (let j = 0; j < b.rows; j++)
        distances[j] = Math.max(0, squaresA[from + i]! - 2 * products[i * b.rows + j]! + squaresB[j]!);
      visit(from + i, distances);
    }
  }
}

function squaredLengths({ rows, columns, values }: DenseMatrix): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; i++)
    for (let at = i * columns; at < (i + 1) * columns; at++) out[i]! += values[at]! * values[at]!;
  return out;
}

/** For each count of neighbours, the squared distance of every point to its neighbour of that rank. */
function squaredRadii(points: DenseMatrix, neighbours: readonly number[]): Float64Array[] {
  const radii = neighbours.map(() => new Float64Array(points.rows));
  squaredDistances(points, points, (row, distances) => {
    distances[row] = -1; // itself, which comes first
    const sorted = distances.slice().sort();
    neighbours.forEach((rank, c) => (radii[c]![row] = sorted[rank]!));
  });
  return radii;
}

function check(what: string, values: NumberArray, dimensions: number, neighbours: number): void {
  const rows = rowCount(what, values, dimensions, 1);
  if (rows <= neighbours)
    fail(`${what} are ${rows} points`, `more than the ${neighbours} neighbours of a ball`, "pass more examples");
  assertAllFinite(what, values);
}
