/** Sets of points in the plane whose density is known, shared by the toy presets. */
import { checkerboard, gaussianRing, twoMoons, type PointDensity } from "@ergodic/data";

export interface PlaneSet extends PointDensity {
  /**
   * The standard deviation across its narrowest mode, to which local steps of chains are fitted.
   */
  readonly width: number;
}

/** Entropies in nats: 2.145, 1.675 and log 32 = 3.466. */
export const planeSets = {
  gaussians: { ...gaussianRing({ count: 8, radius: 3, sd: 0.25 }), width: 0.25 },
  moons: { ...twoMoons({ noise: 0.05 }), width: 0.1 },
  /** Squares of side 2 have 0.577, and edges that networks learn as steep walls. */
  checkerboard: { ...checkerboard(), width: 0.25 },
} as const satisfies Record<string, PlaneSet>;

/** What `ergodic evaluate` scores a model of a set with. */
export const planeEvaluation = (points: PointDensity) => ({
  points: points.source({ size: 20_000, seed: "held out" }),
  logDensity: points.logDensity,
});
