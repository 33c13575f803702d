/** Scores of samples that are points, beside held-out points and a fitted normal law. */
import { random, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import type { DataSource } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { fittedNormal } from "../fitted-normal.js";
import { gaussianDiscrepancy } from "../gaussian-discrepancy.js";
import { meanSquaredError } from "../mean-squared-error.js";
import { modeCoverage, type ModeCoverage, type Modes } from "../mode-coverage.js";
import type { OnProgress } from "../progress.js";
import { overTestBatches } from "./test-batches.js";

export const cloudMetrics = ["cloud"] as const;

/** An experiment's `evaluation` for a model whose samples are points. */
export interface CloudPlan {
  /** Points that the model has not seen, in batches `{ points }`. */
  readonly test: DataSource;
  readonly cloud: {
    /** Of the kernels of the discrepancy. */
    readonly bandwidths: readonly number[];
    /** The modes of the data, if they are known. */
    readonly modes?: Modes;
  };
}

/** The plan in an experiment's `evaluation`. Undefined when it names no `cloud`. */
export function readCloudPlan(value: unknown): CloudPlan | undefined {
  const planned = (value ?? {}) as Partial<CloudPlan>;
  if (planned.cloud === undefined) return undefined;
  if (planned.test !== undefined && Array.isArray(planned.cloud.bandwidths)) return planned as CloudPlan;
  throw new ValidationError(
    "experiment.evaluation.cloud is not understood; expected { test, cloud: { bandwidths, modes } }, the modes where they are known.",
  );
}

/** Scores of the points of one law. */
export interface PointScores {
  /** Unbiased squared maximum mean discrepancy to held-out points. */
  readonly discrepancy: number;
  readonly coverage?: ModeCoverage;
}

export interface CloudScores {
  readonly cloud?: {
    /** By law: `model`, others of the model, `fitted Gaussian` of the data, and `data`. */
    readonly laws: Readonly<Record<string, PointScores>>;
    /** Squared error of reconstructions, a mean over coordinates. */
    readonly reconstruction?: number;
    readonly samples: number;
    /** Points on either side of the discrepancy. */
    readonly compared: number;
  };
}

export interface CloudModel {
  /** Points by law. The first is the model's own. */
  readonly samplers: Readonly<Record<string, (key: Key, n: number) => Promise<tf.Tensor>>>;
  readonly reconstruct?:
    | ((batch: unknown, key: Key) => Promise<{ readonly original: tf.Tensor; readonly reconstruction: tf.Tensor }>)
    | undefined;
}

export interface CloudScoring {
  readonly model: CloudModel;
  readonly plan: CloudPlan;
  /** Maximum number of samples of each law. */
  readonly n: number;
  readonly seed: number;
  readonly onProgress?: OnProgress | undefined;
}

/** Most points on either side of the discrepancy, whose cost is quadratic. */
const compared = 2_000;

/**
 * Scores a model of points. The same seed gives the same scores.
 *
 * Held-out points are cut in two: one half is compared with, the other is the law `data`.
 *
 * @throws ValidationError for fewer than 4 held-out points
 */
export async function cloudScores({ model, plan, n, seed, onProgress }: CloudScoring): Promise<CloudScores> {
  const [orderKey, sampleKey, errorKey] = random.split<Key>(random.key(seed), 3) as [Key, Key, Key];
  const { bandwidths, modes } = plan.cloud;
  const test = await plan.test.load();
  const held = await heldOut(test.batches({ batchSize: Math.min(2 * n, test.size), key: orderKey }).at(0));
  const d = held.d;
  const half = Math.floor(held.values.length / d / 2);
  const [against, data] = [held.values.subarray(0, half * d), held.values.subarray(half * d, 2 * half * d)];
  const scoresOf = (points: Float32Array): PointScores => ({
    discrepancy: gaussianDiscrepancy(first(points, d), first(against, d), d, bandwidths),
    ...(modes && { coverage: modeCoverage(points, modes) }),
  });
  const laws: Record<string, PointScores> = {};
  for (const [name, sample] of Object.entries(model.samplers)) {
    onProgress?.({ what: `drawing points (${name})` });
    const points = await sample(sampleKey, n);
    laws[name] = scoresOf(await points.data<"float32">());
    points.dispose();
  }
  laws["normal law"] = scoresOf(fittedNormal(data, d).draw(random.fold(sampleKey, 1), n));
  laws["data"] = scoresOf(data);
  const reconstruction = model.reconstruct && (await errorOf(model.reconstruct));
  return {
    cloud: {
      laws,
      ...(reconstruction !== undefined && { reconstruction }),
      samples: n,
      compared: Math.min(compared, half),
    },
  };

  async function errorOf(reconstruct: NonNullable<CloudModel["reconstruct"]>): Promise<number> {
    let [sum, seen] = [0, 0];
    const work = { n, key: errorKey, what: "reconstructing points", onProgress };
    const errors = overTestBatches(test, work, async (batch, key) => {
      const pair = await reconstruct(batch, key);
      const rows = pair.original.shape[0]!;
      const [original, made] = [await pair.original.data<"float32">(), await pair.reconstruction.data<"float32">()];
      tree.dispose(pair);
      return { error: { shape: [2], values: Float64Array.of(rows, meanSquaredError(original, made)) } };
    });
    for await (const { error } of errors) {
      const [rows, value] = error.values as unknown as [number, number];
      sum += rows * value;
      seen += rows;
    }
    return sum / seen;
  }
}

const first = (points: Float32Array, d: number): Float32Array => points.subarray(0, compared * d);

async function heldOut(batch: unknown): Promise<{ readonly values: Float32Array; readonly d: number }> {
  const { points } = batch as { readonly points?: tf.Tensor };
  if (points === undefined || points.rank !== 2)
    throw new ValidationError("experiment.evaluation.test has batches without points; expected { points } [n, d].");
  const values = (await points.data<"float32">()).slice();
  const d = points.shape[1]!;
  tree.dispose(batch as TensorTree);
  return { values, d };
}
