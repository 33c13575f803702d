/**
 * Standard normal variates by the Ziggurat method with 256 layers.
 *
 * - The density f(x) = exp(-x²/2) is covered by 256 regions of equal area v: 255 rectangles, and a
 *   base strip that includes the tail beyond r.
 * - Of one 32-bit word, 8 bits choose the region and the other 24 a point in it. 98.8 % of points
 *   lie under the curve without an evaluation of f.
 * - The region and the point use different bits. The first published code used the same bits for
 *   both, a fault that Doornik found.
 * - Values are symmetric about 0 and have 24 bits, all that a float32 holds. They are multiplied by
 *   the deviation and added to the mean in float32.
 *
 * Sources: Marsaglia, Tsang, "The ziggurat method for generating random variables", J. Stat.
 * Software 5(8) (2000); Doornik, "An improved ziggurat method to generate normal random samples"
 * (2005).
 */
import { nextOpenUnit, nextUint32, type XoshiroState } from "./xoshiro.js";

const layers = 256;

/** The start r of the tail, for which the 256 regions of area v end exactly at f = 1. */
export const tailStart = 3.654152885361009;

const density = (x: number): number => Math.exp((-x * x) / 2);

/**
 * The integral of f beyond x for large x, from Mills' ratio 1/(x + 1/(x + 2/(x + 3/(x + ...)))).
 */
export function tailArea(x: number): number {
  let fraction = x;
  for (let term = 200; term >= 1; term--) fraction = x + term / fraction;
  return density(x) / fraction;
}

/**
 * The tables of the method.
 *
 * - `edge[i]` is the right end of region i: 0 is the base strip stretched to area v, 1 its true end
 *   r, and 256 the summit x = 0.
 * - `height[i]` is f at `edge[i]`.
 */
export function zigguratTables(): { edge: Float64Array; height: Float64Array; area: number } {
  const edge = new Float64Array(layers + 1);
  const height = new Float64Array(layers + 1);
  const area = tailStart * density(tailStart) + tailArea(tailStart);
  edge[0] = area / density(tailStart);
  edge[1] = tailStart;
  for (let i = 1; i <= layers; i++) {
    height[i] = i === layers ? 1 : density(edge[i] as number);
    if (i + 1 < layers) edge[i + 1] = Math.sqrt(-2 * Math.log((height[i] as number) + area / (edge[i] as number)));
  }
  return { edge, height, area };
}

export const { edge, height } = zigguratTables();
/** Width of one of the 2^23 steps on each side of 0, per region. */
export const stepWidths = Float32Array.from(edge, (end) => end / 8388608);
/** The number of those steps that certainly lie under the curve, per region. */
export const quickSteps = Int32Array.from(stepWidths, (width, i) =>
  Math.max(0, Math.floor((edge[i + 1] ?? 0) / width) - 1),
);

/**
 * Bounds beyond which the chord of the density decides whether a point of a wedge is below it, per
 * region. The base strip has no chord.
 *
 * A wedge ends at b = `edge[i]`, has width w, and its density rises by r to h. At x the chord is
 * (b - |x|) r / w above the bottom, and the density is at most max |f''| w²/8 away from it, where
 * |f''| = |x² - 1| f is at most max(1, b²) h. A point u r above the bottom is therefore below the
 * density where u w - (b - |x|) < -c, and above it where u w - (b - |x|) > c, with the bound
 * c = max(1, b²) h w³/(8r).
 */
export const chordBounds = Float64Array.from({ length: layers }, (_, i) => {
  if (i === 0) return Infinity;
  const [end, top] = [edge[i]!, height[i + 1]!];
  return (Math.max(1, end ** 2) * top * (end - edge[i + 1]!) ** 3) / (8 * (top - height[i]!));
});

/** A value beyond the start of the tail, by Marsaglia's exact exponential rejection. */
function tail(state: XoshiroState): number {
  for (;;) {
    const x = -Math.log(nextOpenUnit(state)) / tailStart;
    const y = -Math.log(nextOpenUnit(state));
    if (2 * y > x * x) return tailStart + x;
  }
}

/** Completes a normal variate whose first word failed the quick acceptance. */
export function slowNormal(state: XoshiroState, firstWord: number): number {
  for (let word = firstWord; ; word = nextUint32(state) | 0) {
    const layer = word & 255;
    const x = Math.fround(((word >> 8) + 0.5) * (stepWidths[layer] as number));
    if (Math.abs(x) < (edge[layer + 1] as number)) return x;
    if (layer === 0) return x < 0 ? -tail(state) : tail(state);
    const bottom = height[layer] as number;
    const y = bottom + nextOpenUnit(state) * ((height[layer + 1] as number) - bottom);
    if (y < density(x)) return x;
  }
}

/**
 * Fills `out` from `start` while words pass the quick acceptance.
 *
 * `nextUint32` is inlined, and the loop holds only what 98.8 % of numbers need, so that JavaScript
 * engines keep it in registers.
 *
 * @returns the index of the first number whose word fails. That word is left in `rejected`.
 */
function fillQuick(
  state: XoshiroState,
  rejected: Int32Array,
  out: Float32Array,
  start: number,
  mean: number,
  sd: number,
): number {
  let s0 = state[0] as number;
  let s1 = state[1] as number;
  let s2 = state[2] as number;
  let s3 = state[3] as number;
  // Bundlers turn module constants into variables, which the loop would look up for every number.
  const within = quickSteps;
  const width = stepWidths;
  let i = start;
  for (; i < out.length; i++) {
    const sum = (s0 + s3) | 0;
    const word = (((sum << 7) | (sum >>> 25)) + s0) | 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    const layer = word & 255;
    const signed = word >> 8;
    if ((signed ^ (signed >> 31)) >= (within[layer] as number)) {
      rejected[0] = word;
      break;
    }
    out[i] = mean + Math.fround(sd * Math.fround((signed + 0.5) * (width[layer] as number)));
  }
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
  return i;
}

/**
 * Fills `out` with independent N(mean, sd²) variates and advances `state`.
 *
 * @param mean rounded to float32, as is `sd`
 */
export function fillNormal(state: XoshiroState, out: Float32Array, mean = 0, sd = 1): void {
  const [m, s] = [Math.fround(mean), Math.fround(sd)];
  const rejected = new Int32Array(1);
  for (let i = fillQuick(state, rejected, out, 0, m, s); i < out.length;) {
    out[i] = m + Math.fround(s * Math.fround(slowNormal(state, rejected[0] as number)));
    i = fillQuick(state, rejected, out, i + 1, m, s);
  }
}
