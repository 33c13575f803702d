/** Classifies a picture by its nearest neighbours among labelled pictures. */

/**
 * A classifier of feature rows: the most frequent label of the `neighbours` nearest rows of
 * `known`.
 *
 * Ties go to the smallest label.
 *
 * @param known `[n, components]` row-major, like the argument of the classifier
 */
export function nearestNeighbours(
  known: Float64Array,
  labels: ArrayLike<number>,
  { components, neighbours }: { readonly components: number; readonly neighbours: number },
): (rows: Float64Array) => number[] {
  const count = known.length / components;
  const nameOf = (rows: Float64Array, row: number): number => {
    const nearest: { distance: number; label: number }[] = [];
    for (let i = 0; i < count; i += 1) {
      const worst = nearest.length < neighbours ? Infinity : nearest.at(-1)!.distance;
      let distance = 0;
      for (let k = 0; k < components && distance < worst; k += 1) {
        distance += (rows[row * components + k]! - known[i * components + k]!) ** 2;
      }
      if (distance >= worst) continue;
      nearest.push({ distance, label: labels[i]! });
      nearest.sort((a, b) => a.distance - b.distance).splice(neighbours);
    }
    const votes = new Map<number, number>();
    for (const { label } of nearest) votes.set(label, (votes.get(label) ?? 0) + 1);
    const most = Math.max(...votes.values());
    return Math.min(...[...votes].filter(([, times]) => times === most).map(([label]) => label));
  };
  return (rows) => Array.from({ length: rows.length / components }, (_, row) => nameOf(rows, row));
}
