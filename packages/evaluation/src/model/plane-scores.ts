/**
 * Scores of a model of points in the plane, where log Z is known from a grid.
 *
 * - NATS: the mean of -log p(x) over held-out points.
 * - TV: the total variation between model and data, if the density of the data is known.
 */
import { compile } from "@ergodic/engine";
import { assertShape, fail, random, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import type { DataSource } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import {
  cellArea,
  cellCentres,
  energiesAt,
  planePartition,
  type PlaneEnergy,
  type PlanePartition,
} from "../plane-partition.js";
import type { OnProgress } from "../progress.js";

/**
 * An experiment's `evaluation` for a model of points in the plane.
 *
 * The learner's `score` of a batch `{ points }` must be -log p(x) up to a constant.
 */
export interface PlanePlan {
  /** Points `[n, 2]` that the model has not seen, in batches `{ points }`. */
  readonly points: DataSource;
  /** log p(x) of the data at points `[n, 2]`, `[n]`. */
  readonly logDensity?: (points: tf.Tensor2D) => tf.Tensor;
}

export const planeMetrics = ["nats", "tv"] as const;

export type PlaneMetric = (typeof planeMetrics)[number];

export interface PlaneScores {
  /** Absent when log Z is not settled. */
  readonly nats?: {
    /** Mean of -log p(x) over held-out points. */
    readonly value: number;
    readonly standardError: number;
    /** The same of the data's own density, on the same points. */
    readonly ofData?: number;
    readonly points: number;
  };
  /** ½ ∫|p - q|, from 0 to 1. Absent when log Z is not settled. */
  readonly tv?: { readonly value: number };
  readonly partition?: Omit<PlanePartition, "energies">;
}

export interface PlaneEvaluation {
  /** -log p(x) up to a constant, `[batch]`. */
  readonly score: ((batch: unknown, key: Key) => Promise<tf.Tensor1D>) | undefined;
  readonly plan: PlanePlan;
  readonly metrics: readonly PlaneMetric[];
  /** Maximum number of held-out points. */
  readonly n: number;
  readonly seed: number;
  readonly onProgress?: OnProgress | undefined;
}

/** The plan in an experiment's `evaluation`; undefined when it is not about points. */
export function readPlanePlan(value: unknown): PlanePlan | undefined {
  const { points, logDensity } = (value ?? {}) as Partial<PlanePlan>;
  if (points === undefined) return undefined;
  if (typeof points.load === "function" && (logDensity === undefined || typeof logDensity === "function"))
    return { points, ...(logDensity && { logDensity }) };
  return fail(
    "experiment.evaluation is not understood",
    "{ points } and perhaps { logDensity }, a data source of points and their log density",
    'for example { points: moons.source({ seed: "held out" }) }',
  );
}

/** The metrics that a plan allows. */
export const possiblePlaneMetrics = ({ logDensity }: PlanePlan): readonly PlaneMetric[] =>
  logDensity === undefined ? ["nats"] : planeMetrics;

/**
 * Computes the scores. The same seed gives the same scores.
 *
 * @throws ValidationError for a model without scores, tv without a density of the data, held-out
 *   examples that are not points of the plane, and as {@link planePartition}
 */
export async function planeScores({
  score,
  plan: { points: source, logDensity },
  metrics,
  n,
  seed,
  onProgress,
}: PlaneEvaluation): Promise<PlaneScores> {
  if (score === undefined)
    throw new ValidationError(`the model scores no points; ${metrics.join(", ")} need a learner with score().`);
  if (metrics.includes("tv") && logDensity === undefined)
    throw new ValidationError("the density of the data is not known; tv needs evaluation: { points, logDensity }.");
  const [orderKey, scoreKey] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  const energy: PlaneEnergy = (points) => score({ points }, scoreKey);
  const heldOut = await firstPoints(source, n, orderKey);
  onProgress?.({ what: "summing the density over the plane" });
  const { energies, ...partition } = await planePartition(energy, rectangleOf(heldOut));
  if (!partition.settled) return { partition };
  const { grid, logPartition } = partition;
  const own = (await energiesAt(energy, heldOut)).map((value) => value + logPartition);
  const data = logDensity && dataEnergy(logDensity);
  try {
    return {
      ...(metrics.includes("nats") && {
        nats: {
          ...meanOf(own),
          ...(data && { ofData: meanOf(await energiesAt(data.energy, heldOut)).value }),
          points: own.length,
        },
      }),
      ...(metrics.includes("tv") && {
        tv: {
          value: totalVariation(
            energies.map((value) => value + logPartition),
            await energiesAt(data!.energy, cellCentres(grid)),
            cellArea(grid),
          ),
        },
      }),
      partition,
    };
  } finally {
    await data?.dispose();
  }
}

/** -log p of the data, compiled. */
function dataEnergy(logDensity: NonNullable<PlanePlan["logDensity"]>) {
  const run = compile((points: tf.Tensor2D) => tf.neg(logDensity(points)));
  return { energy: run as PlaneEnergy, dispose: () => run.dispose() };
}

async function firstPoints(source: DataSource, n: number, key: Key): Promise<Float32Array> {
  const data = await source.load();
  const batch = data.batches({ batchSize: Math.min(n, data.size), key }).at(0) as { readonly points?: tf.Tensor };
  if (batch.points === undefined)
    throw new ValidationError("experiment.evaluation.points has batches without points; expected { points }.");
  assertShape("experiment.evaluation.points", batch.points, [null, 2]);
  const values = await batch.points.data<"float32">();
  tree.dispose(batch as TensorTree);
  return values;
}

/** The smallest rectangle that holds the points. */
function rectangleOf(points: Float32Array): { low: [number, number]; high: [number, number] } {
  const [low, high]: [[number, number], [number, number]] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ];
  points.forEach((value, i) => {
    const axis = (i % 2) as 0 | 1;
    low[axis] = Math.min(low[axis], value);
    high[axis] = Math.max(high[axis], value);
  });
  return { low, high };
}

function meanOf(values: Float64Array): { value: number; standardError: number } {
  const value = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (values.length - 1);
  return { value, standardError: Math.sqrt(variance / values.length) };
}

/** 1 - ∫ min(p, q) = ½ ∫|p - q|, from -log p and -log q in the cells of a grid. */
const totalVariation = (p: Float64Array, q: Float64Array, area: number): number =>
  1 - area * p.reduce((sum, own, i) => sum + Math.exp(-Math.max(own, q[i]!)), 0);
