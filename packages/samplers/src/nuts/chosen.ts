/** Points of trajectories that may become draws. */

/** A row for each chain. */
export interface Chosen {
  readonly position: Float32Array<ArrayBuffer>;
  readonly gradient: Float32Array<ArrayBuffer>;
  readonly energy: Float32Array<ArrayBuffer>;
  /** H. */
  readonly total: Float64Array;
}

export const emptyChosen = (rows: number, size: number): Chosen => ({
  position: new Float32Array(rows * size),
  gradient: new Float32Array(rows * size),
  energy: new Float32Array(rows),
  total: new Float64Array(rows),
});

/** Puts row `from` of `source` into row `to` of `target`. */
export function putRow(
  target: Chosen,
  to: number,
  source: { readonly position: Float32Array; readonly gradient: Float32Array },
  from: number,
  { energy, total, size }: { readonly energy: number; readonly total: number; readonly size: number },
): void {
  target.position.set(source.position.subarray(from * size, (from + 1) * size), to * size);
  target.gradient.set(source.gradient.subarray(from * size, (from + 1) * size), to * size);
  target.energy[to] = energy;
  target.total[to] = total;
}
