/**
 * Ranks of draws among all draws of all chains, counted in equal parts: the numbers of a rank plot.
 */

/**
 * How many draws of each chain have their rank in each of `parts` equal parts of all ranks,
 * `[chain][part]`. Chains of the same law have near-equal counts (Vehtari et al. 2021, arXiv
 * 1903.08008). Equal draws are ranked by draw number first, then by chain, so no chain is favoured.
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
