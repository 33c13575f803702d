/** Sets of points in the plane whose density is known, shared by the toy presets. */
import { checkerboard, gaussianRing, twoMoons, type PointDensity } from "@ergodic/data";

/** Entropies in nats: 2.145, 1.675 and log 32 = 3.466. */
export const planeSets = {
  gaussians: gaussianRing({ count: 8, radius: 3, sd: 0.25 }),
  moons: twoMoons({ noise: 0.05 }),
  checkerboard: checkerboard(),
} as const satisfies Record<string, PointDensity>;

/** What `ergodic evaluate` scores a model of a set with. */
export const planeEvaluation = (points: PointDensity) => ({
  points: points.source({ size: 20_000, seed: "held out" }),
  logDensity: points.logDensity,
});
