/**
 * Draws scaled to ordinary size, so that their squares, sums and differences stay in the range of
 * float64.
 */
import type { Chains } from "./draws.js";

/** The chains divided by `scale`, a power of two. */
export interface InRange {
  readonly chains: Chains;
  readonly scale: number;
}

/**
 * Sizes between 2^-200 and 2^200 are ordinary: their fourth powers, and sums of very many of these,
 * are normal numbers of float64.
 */
const ordinary = 200;

/**
 * Chains divided by a power of two, without rounding. Chains of ordinary size, or of zeros alone,
 * are returned unchanged.
 */
export function inRange(chains: Chains): InRange {
  let largest = 0;
  for (const chain of chains) for (const value of chain) largest = Math.max(largest, Math.abs(value));
  // The logarithm of the largest numbers rounds up to 1024.
  const exponent = largest === 0 ? 0 : Math.min(1023, Math.floor(Math.log2(largest)));
  if (Math.abs(exponent) <= ordinary || !Number.isFinite(exponent)) return { chains, scale: 1 };
  // In two steps, since 2^-exponent of the smallest numbers exceeds the largest.
  const [first, rest] = [2 ** -Math.trunc(exponent / 2), 2 ** -(exponent - Math.trunc(exponent / 2))];
  return { chains: chains.map((chain) => chain.map((value) => value * first * rest)), scale: 2 ** exponent };
}
