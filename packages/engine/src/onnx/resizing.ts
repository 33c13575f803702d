/**
 * Nearest and bilinear resizing of NHWC images, and their gradients.
 *
 * Resizing is linear and separable into axes. The forward pass gathers rows by constant indices and
 * blends them with constant weights. The backward pass multiplies by the transposed matrix of these
 * weights.
 */
import type { OnnxBuilder } from "./builder.js";
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import { throughFloats } from "./types.js";

/**
 * For each entry of the resized axis: its two neighbours, and its distance from the first one as a
 * fraction.
 */
interface Blend {
  readonly low: number[];
  readonly high: number[];
  readonly fraction: number[];
}
type Sampler = (size: number, resized: number, attrs: Call["attrs"]) => Blend;

/**
 * The position of each resized entry on the axis of `size` entries. `halfPixel` is subtracted with
 * half-pixel centres.
 */
function positions(size: number, resized: number, attrs: Call["attrs"], halfPixel: number): number[] {
  const aligned = Boolean(attrs["alignCorners"]) && resized > 1;
  const scale = aligned ? (size - 1) / (resized - 1) : size / resized;
  return Array.from({ length: resized }, (_, i) =>
    attrs["halfPixelCenters"] ? scale * (i + 0.5) - halfPixel : scale * i,
  );
}

/** The entry of an axis of `size` entries that each resized entry repeats. */
export function nearestIndices(size: number, resized: number, attrs: Call["attrs"]): number[] {
  const round = attrs["alignCorners"] ? Math.round : Math.floor;
  return positions(size, resized, attrs, 0).map((at) => Math.max(0, Math.min(size - 1, round(at))));
}

const nearest: Sampler = (size, resized, attrs) => {
  const low = nearestIndices(size, resized, attrs);
  return { low, high: low, fraction: low.map(() => 0) };
};

const bilinear: Sampler = (size, resized, attrs) => {
  const at = positions(size, resized, attrs, 0.5);
  const low = at.map((x) => Math.max(0, Math.floor(x)));
  return { low, high: at.map((x) => Math.min(size - 1, Math.ceil(x))), fraction: at.map((x, i) => x - low[i]!) };
};

function resizeAxis(builder: OnnxBuilder, x: string, axis: 1 | 2, { low, high, fraction }: Blend): string {
  const pick = (indices: readonly number[]): string => builder.op("Gather", [x, builder.ints(indices)], { axis });
  const first = pick(low);
  if (fraction.every((weight) => weight === 0)) return first;
  const shape = axis === 1 ? [fraction.length, 1, 1] : [fraction.length, 1];
  const weights = builder.constant({ shape, dtype: "float32" }, Float32Array.from(fraction));
  return builder.op("Add", [first, builder.op("Mul", [builder.op("Sub", [pick(high), first]), weights])]);
}

/** Resizes columns first, then rows, as TensorFlow.js does. */
const resize =
  (sampler: Sampler): Lowering =>
  ({ builder, name, spec, attrs }) => {
    const [, height, width] = spec("images").shape as [number, number, number, number];
    const [newHeight, newWidth] = attrs["size"] as [number, number];
    const wide = resizeAxis(builder, name("images"), 2, sampler(width, newWidth, attrs));
    return resizeAxis(builder, wide, 1, sampler(height, newHeight, attrs));
  };

/** The blend as a matrix, transposed: [size, resized]. */
function transposedWeights(builder: OnnxBuilder, size: number, { low, high, fraction }: Blend): string {
  const resized = low.length;
  const weights = new Float32Array(size * resized);
  for (let i = 0; i < resized; i++) {
    weights[low[i]! * resized + i]! += 1 - fraction[i]!;
    weights[high[i]! * resized + i]! += fraction[i]!;
  }
  return builder.constant({ shape: [size, resized], dtype: "float32" }, weights);
}

const gradient =
  (sampler: Sampler): Lowering =>
  ({ builder, name, spec, attrs, output }) => {
    const [batch, height, width, channels] = output.shape as [number, number, number, number];
    const [, newHeight, newWidth] = spec("dy").shape as [number, number, number, number];
    const rows = transposedWeights(builder, height, sampler(height, newHeight, attrs));
    const columns = transposedWeights(builder, width, sampler(width, newWidth, attrs));
    const dy = builder.reshape(name("dy"), [batch, newHeight, newWidth * channels]);
    const tall = builder.reshape(builder.op("MatMul", [rows, dy]), [batch * height, newWidth, channels]);
    return builder.reshape(builder.op("MatMul", [columns, tall]), output.shape);
  };

export const resizing: LoweringTable = {
  ResizeNearestNeighbor: resize(nearest),
  ResizeBilinear: throughFloats(resize(bilinear)),
  ResizeNearestNeighborGrad: gradient(nearest),
  ResizeBilinearGrad: gradient(bilinear),
};
