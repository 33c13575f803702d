/** Memory for transitions of many chains, which later ones use again. All threads can read it. */
import { sharedZeros, threadCount } from "@ergodic/tensor";
import { movesText } from "./host-metric.js";
import type { ChainMotion } from "./host-trajectory.js";
import { decisionCount, reportSize, type Transitions } from "./host-transitions.js";

type Shape = Pick<Transitions, "chains" | "size" | "steps" | "last" | "doublings">;

const kinds = {
  positions: Float64Array,
  momenta: Float32Array,
  decisions: Float32Array,
  stepSizes: Float64Array,
  temperatures: Float64Array,
  scales: Float64Array,
  made: Int32Array,
  reports: Float64Array,
  energies: Float32Array,
  gradients: Float32Array,
} as const;
type Name = keyof typeof kinds;

/** Blocks of chains for each thread. */
const blocksPerThread = 32;

type Arrays = { readonly [N in Name]: InstanceType<(typeof kinds)[N]> };

/** Arrays of these lengths, one behind the other, in the memory of `before` if they fit. */
function arraysOf(lengths: Readonly<Record<Name, number>>, before: ArrayBufferLike | undefined): Arrays {
  const names = Object.keys(kinds) as Name[];
  const words = names.map((name) => Math.ceil((lengths[name] * kinds[name].BYTES_PER_ELEMENT) / 8));
  const bytes = 8 * words.reduce((sum, n) => sum + n, 0);
  const fits = before !== undefined && before.byteLength >= bytes;
  const known = fits && before instanceof ArrayBuffer === (threadCount() === 1);
  const buffer = (known ? before : sharedZeros(bytes / 8).buffer) as ArrayBuffer;
  let from = 0;
  const arrays = names.map((name, i) => {
    const array = new kinds[name](buffer, from, lengths[name]);
    from += 8 * words[i]!;
    return [name, array] as const;
  });
  return Object.fromEntries(arrays) as Arrays;
}

/** Transitions of chains that move like this, none of them made, in the memory `before` if it fits. */
export function prepared(
  before: ArrayBufferLike | undefined,
  shape: Shape,
  motions: readonly ChainMotion[],
): Transitions {
  const { chains, size, steps, doublings } = shape;
  const [{ metric }] = motions as readonly [ChainMotion];
  const ownScales = motions.some((motion) => motion.metric !== metric);
  const rows = chains * size;
  const scaleSize = metric.scale.length;
  const lengths = {
    positions: (steps + 1) * rows,
    momenta: steps * rows,
    decisions: steps * chains * decisionCount(doublings),
    stepSizes: chains,
    temperatures: chains,
    scales: ownScales ? chains * scaleSize : scaleSize,
    made: chains,
    reports: steps * chains * reportSize,
    energies: chains,
    gradients: rows,
  };
  const memory = arraysOf(lengths, before);
  memory.made.fill(0);
  motions.forEach(({ stepSize, temperature, metric: { scale } }, chain) => {
    memory.stepSizes[chain] = stepSize;
    memory.temperatures[chain] = temperature;
    if (ownScales || chain === 0) memory.scales.set(scale, chain * scaleSize);
  });
  const together = Math.ceil(chains / (threadCount() * blocksPerThread));
  return { ...shape, ...memory, together, scaleSize, ownScales, moves: movesText(metric) };
}
