/** Distances at which a sequence of nodes may repeat itself. */
import type { Sequence } from "./sequence.js";

/** How far upstream two nodes must be alike to count as the same. */
const DEPTH = 4;
/** The number of distances that are tried. */
const CANDIDATES = 12;

/** FNV-1a of a hash and a further number. */
const joined = (hash: number, label: number): number => Math.imul(hash ^ label ^ (label >>> 16), 0x01000193);

/**
 * Distances between consecutive nodes of the same kind with the same kinds upstream, among nodes
 * `from` to `to`, those first that explain most nodes.
 */
export function periodsOf({ kinds, nodes, writer }: Sequence, from: number, to: number): number[] {
  const sources = nodes.slice(from, to).map(({ inputs }) => inputs.map(({ id }) => (writer(id)?.node ?? -1) - from));
  // Hashes: where different nodes have the same one, a distance is tried in vain at worst.
  let labels = kinds.slice(from, to);
  for (let round = 0; round < DEPTH; round++) {
    const before = labels;
    labels = before.map((label, i) => sources[i]!.reduce((hash, source) => joined(hash, before[source] ?? -1), label));
  }
  const last = new Map<number, number>();
  const counts = new Map<number, number>();
  labels.forEach((label, i) => {
    const distance = i - (last.get(label) ?? i);
    if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1);
    last.set(label, i);
  });
  return [...counts]
    .sort(([a, times], [b, others]) => b * others - a * times)
    .slice(0, CANDIDATES)
    .map(([distance]) => distance);
}
