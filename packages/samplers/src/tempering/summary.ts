/** How well tempered replicas exchange their places. */
import type * as tf from "@tensorflow/tfjs-core";
import { assertShape } from "@ergodic/tensor";
import { mean } from "../diagnostics/moments.js";
import { roundTrips } from "../diagnostics/modes.js";

/** Reports of `sample` with a tempering kernel, with the draws on the second axis. */
export interface TemperingReport {
  /** `[chains, draws, R - 1]`. */
  readonly swapProb: tf.Tensor;
  /** `[chains, draws, R]`. */
  readonly walker: tf.Tensor;
}

export interface TemperingSummary {
  /** r_i: mean probability with which the exchange of replicas i and i + 1 is refused. */
  readonly rejections: readonly number[];
  /**
   * Λ = Σ r_i, the distance from the hottest to the coldest replica. It hardly depends on a ladder
   * that is fine enough.
   */
  readonly barrier: number;
  /** Round trips from β = 1 to the hottest replica and back, of all walkers and chains together. */
  readonly roundTrips: number;
  /** Round trips per draw of a chain. */
  readonly roundTripRate: number;
  /**
   * 1/(2 + 2 Σ r_i/(1 - r_i)): the rate of independent draws at every temperature with alternating
   * pairs.
   */
  readonly predictedRate: number;
  /** About 2Λ + 1, at least 2: more replicas do not pay on one processor. */
  readonly suggestedReplicas: number;
  /** Problems and remedies, in words; empty if there are none. */
  readonly advice: readonly string[];
}

/** Means over everything but the last axis. */
export function meansOfLast(tensor: tf.Tensor): number[] {
  const size = tensor.shape.at(-1)!;
  const values = tensor.dataSync();
  const count = values.length / size;
  return Array.from({ length: size }, (_, i) =>
    mean(Float64Array.from({ length: count }, (__, n) => values[n * size + i]!)),
  );
}

/** r_i of every pair, from its probabilities of exchange. */
export const rejectionsOf = (swapProb: tf.Tensor): number[] =>
  meansOfLast(swapProb).map((probability) => 1 - probability);

/** The place of every walker of every chain at every draw, `[chains · R][draws]`. */
function placesOf(walker: tf.Tensor): number[][] {
  const [chains, draws, count] = walker.shape as [number, number, number];
  const places = Array.from({ length: chains * count }, () => new Array<number>(draws));
  walker.dataSync().forEach((which, at) => {
    const [c, t] = [Math.floor(at / (draws * count)), Math.floor(at / count) % draws];
    places[c * count + which]![t] = at % count;
  });
  return places;
}

function adviceOn(rejections: readonly number[], roundTripRate: number, predictedRate: number): string[] {
  const [most, least] = [Math.max(...rejections), Math.min(...rejections)];
  const barrier = rejections.reduce((sum, r) => sum + r, 0);
  const wanted = Math.ceil(2 * barrier + 1);
  const replicas = rejections.length + 1;
  const remarks = [
    most > 0.8 &&
      `replicas ${rejections.indexOf(most)} and ${rejections.indexOf(most) + 1} exchange in ${(100 * (1 - most)).toPrecision(2)} % of tries`,
    most - least > 0.2 && "pairs of replicas exchange unequally often: tune the ladder with warmUpTempering",
    replicas < wanted && `${replicas} replicas for a barrier of ${barrier.toPrecision(2)}: take ${wanted}`,
    roundTripRate < predictedRate / 3 &&
      "walkers travel far more slowly than their exchanges allow: local moves are too short at some temperature",
  ];
  return remarks.filter((remark) => remark !== false);
}

/**
 * Rejections, barrier, round trips and advice on the ladder, from the reports of tempered chains.
 *
 * @throws ValidationError for reports that are not `[chains, draws, R - 1]` and `[chains, draws,
 *   R]`, or fewer than 4 draws.
 */
export function summarizeTempering({ swapProb, walker }: TemperingReport): TemperingSummary {
  assertShape("walker", walker, [null, null, null], "[chains, draws, replicas]");
  const [chains, draws, count] = walker.shape as [number, number, number];
  assertShape("swapProb", swapProb, [chains, draws, count - 1], "[chains, draws, pairs]");
  const rejections = rejectionsOf(swapProb);
  const trips = roundTrips(placesOf(walker), 0, count - 1).reduce((sum, n) => sum + n, 0);
  const roundTripRate = trips / (chains * draws);
  const predictedRate = 1 / (2 + 2 * rejections.reduce((sum, r) => sum + r / (1 - r), 0));
  const barrier = rejections.reduce((sum, r) => sum + r, 0);
  return {
    rejections,
    barrier,
    roundTrips: trips,
    roundTripRate,
    predictedRate,
    suggestedReplicas: Math.max(2, Math.ceil(2 * barrier + 1)),
    advice: adviceOn(rejections, roundTripRate, predictedRate),
  };
}
