/** The draws of a call, of which helpers make some. */
import type { Draw, NormalDraw } from "./draw.js";
import { drawArrays, drawState, hostDraw, sizeOfDraw, type HostDraw } from "./host-draw.js";
import type { HostKey } from "./key.js";
import { beginNormals, type SharedNormals } from "./streams.js";
import { helperCount, threadCount } from "./threads.js";

/** Normal variates that take a tenth of a millisecond, about as long as a helper takes to wake. */
const WORTHWHILE = 2 ** 16;

/** Arrays for draws that are made again and again. */
export interface HostDraws {
  readonly values: readonly HostDraw["values"][];
  /** Fills the arrays: `values[i]` with the numbers of `keys[i].draw(specs[i])`. */
  fill(keys: readonly HostKey[]): void;
}

/**
 * Arrays for these draws, one behind the other.
 *
 * @param mayShare whether they may be in memory that threads share. Helpers that run already then
 *   make some of the numbers, if these are many. Default false.
 */
export function hostDraws(specs: readonly Draw[], mayShare = false): HostDraws {
  const all = specs.map((_, i) => i);
  const normals = all.filter((i) => specs[i]!.kind === "normal");
  const numbers = normals.reduce((sum, i) => sum + sizeOfDraw(specs[i]!), 0);
  const canHelp = normals.length > 1 && numbers >= WORTHWHILE && helperCount() > 0 && threadCount() > 1;
  const values = drawArrays(specs, mayShare && canHelp);
  const draw = (keys: readonly HostKey[], indices: readonly number[]): void => {
    for (const i of indices) hostDraw(keys[i]!, specs[i]!, values[i]);
  };
  if (!mayShare || !canHelp) return { values, fill: (keys) => draw(keys, all) };

  const job = sharedNormals(
    normals.map((i) => specs[i] as NormalDraw),
    normals.map((i) => values[i] as Float32Array),
  );
  const others = all.filter((i) => specs[i]!.kind !== "normal");
  return {
    values,
    fill(keys) {
      if (keys.some(({ equalRows }) => equalRows)) return draw(keys, all);
      for (const [n, i] of normals.entries()) job.plan.set(drawState(keys[i]!.words), 8 * n + 4);
      const finish = beginNormals(job);
      draw(keys, others);
      finish();
    },
  };
}

/** What the threads fill, without the states of keys. */
function sharedNormals(specs: readonly NormalDraw[], arrays: readonly Float32Array[]): SharedNormals {
  const plan = arrays.flatMap(({ byteOffset, length }, n) => {
    const start = byteOffset / Float32Array.BYTES_PER_ELEMENT;
    return [start, start + length, specs[n]!.mean, specs[n]!.sd, 0, 0, 0, 0];
  });
  return { numbers: new Float32Array(arrays[0]!.buffer), plan: Float64Array.from(plan) };
}
