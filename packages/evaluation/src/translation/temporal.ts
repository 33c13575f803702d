/** Scores of translated sequences: whether frames follow one another like those of the data. */
import type { Rows } from "./paired.js";

export interface TemporalScores {
  /** Mean |P(ŷ0, ŷ1) - ŷ2| of the predictor and the outputs, where there is a predictor. */
  readonly consistency?: number;
  /** Mean |ŷ' - ŷ| of consecutive frames over that of true ones. 1 is ideal, more is flicker. */
  readonly flicker: number;
}

/** Mean |next - frame| over consecutive frames of sequences. */
function change({ values, count, size }: Rows, time: number): number {
  let [sum, pairs] = [0, 0];
  for (let frame = 0; frame < count; frame++) {
    if (frame % time === time - 1) continue;
    pairs += 1;
    for (let k = frame * size; k < (frame + 1) * size; k++) sum += Math.abs(values[k + size]! - values[k]!);
  }
  return sum / (pairs * size);
}

/**
 * @param outputs frames, those of a sequence one after the other
 * @param foretold the predictions of frame 2, 3, ... of every sequence, if there is a predictor
 */
export function temporalScores(
  outputs: Rows,
  truths: Rows,
  { time, foretold }: { readonly time: number; readonly foretold: readonly Rows[] },
): TemporalScores {
  const flicker = change(outputs, time) / change(truths, time);
  if (foretold.length === 0) return { flicker };
  let [sum, numbers] = [0, 0];
  foretold.forEach(({ values, count, size }, i) => {
    for (let sequence = 0; sequence < count; sequence++)
      for (let k = 0; k < size; k++, numbers++)
        sum += Math.abs(values[sequence * size + k]! - outputs.values[(sequence * time + 2 + i) * size + k]!);
  });
  return { flicker, consistency: sum / numbers };
}
