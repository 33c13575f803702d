/** The counts of a rank plot: ranks of draws among all draws of all chains, in equal parts. */

/**
 * The number of draws of each chain with ranks in each of `parts` equal parts, `[chain][part]`.
 *
 * Chains of the same distribution have nearly equal counts (Vehtari et al. 2021, arXiv 1903.08008).
 * Equal draws are ranked by draw number first, then by chain, so no chain is favoured.
 */
export function rankCounts(chains: readonly Float64Array[], parts = 20): number[][] {
  const length = chains[0]!.length;
  const total = chains.length * length;
  // Place t * C + c is draw t of chain c, so that equal values alternate between chains.
  const order = Float64Array.from({ length: total }, (_, place) => place).sort((a, b) => {
    const at = (place: number) => chains[place % chains.length]![Math.floor(place / chains.length)]!;
    return at(a) - at(b) || a - b;
  });
  const counts = chains.map(() => new Array<number>(parts).fill(0));
  order.forEach((place, rank) => counts[place % chains.length]![Math.floor((rank * parts) / total)]!++);
  return counts;
}
