/**
 * Series that any language can reproduce bit for bit: a linear congruential generator, normals as
 * sums of uniforms, an autoregression.
 */

/** s ← (1664525 s + 1013904223) mod 2³² from 12345; u = (s + ½)/2³². */
function uniforms(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/**
 * y_t = φ y_{t-1} + √(1 - φ²) e_t with y_{-1} = 0, one chain after the other.
 *
 * e_t is the sum of 12 uniforms minus 6. The stationary variance is 1.
 */
export function autoregression(phi: number, chains: number, draws: number): number[][] {
  const uniform = uniforms();
  return Array.from({ length: chains }, () => {
    let y = 0;
    return Array.from({ length: draws }, () => {
      let sum = 0;
      for (let i = 0; i < 12; i++) sum += uniform();
      y = phi * y + Math.sqrt(1 - phi * phi) * (sum - 6);
      return y;
    });
  });
}

/** Replaces every draw by `f(draw, chain, time)`. */
export const changed = (draws: number[][], f: (y: number, chain: number, t: number) => number): number[][] =>
  draws.map((chain, c) => chain.map((y, t) => f(y, c, t)));
