/**
 * Kernels that move whole pixels of blocked images and leave images and channels in place: nearest
 * resizing, mirrored and zero borders, crops and reversals. No layout is converted.
 *
 * Each output pixel is one input pixel or zero, so the zeros that fill up the last block stay
 * zeros.
 */
import type { OnnxBuilder } from "../builder.js";
import { mirrored } from "../layout.js";
import { normalizeAxes } from "../lowering.js";
import { nearestIndices } from "../resizing.js";
import { blockedShape, declaredShape, type ImageShape } from "./layout.js";
import type { BlockedCall, BlockedLowering } from "./lowering.js";

/** The input row of each output row, and the input column of each output column. -1 is zero. */
interface Moves {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

/** Margins of rows and columns, if no image and no channel is added. */
function margins(paddings: unknown): [rows: [number, number], columns: [number, number]] | undefined {
  const [images, rows, columns, channels] = paddings as [number, number][];
  return [images, channels].every((pair) => pair!.every((size) => size === 0)) ? [rows!, columns!] : undefined;
}

const movesOf: Readonly<Record<string, (call: BlockedCall, image: ImageShape) => Moves | undefined>> = {
  ResizeNearestNeighbor({ attrs }, [, height, width]) {
    const [newHeight, newWidth] = attrs["size"] as [number, number];
    return { rows: nearestIndices(height, newHeight, attrs), columns: nearestIndices(width, newWidth, attrs) };
  },
  MirrorPad({ attrs }, [, height, width]) {
    const around = margins(attrs["paddings"]);
    return (
      around && {
        rows: mirrored(height, around[0], attrs["mode"]),
        columns: mirrored(width, around[1], attrs["mode"]),
      }
    );
  },
  PadV2({ attrs }, [, height, width]) {
    const around = margins(attrs["paddings"]);
    if (around === undefined || (attrs["constantValue"] ?? 0) !== 0) return undefined;
    const padded = (size: number, [before, after]: [number, number]): number[] => [
      ...Array<number>(before).fill(-1),
      ...range(0, size),
      ...Array<number>(after).fill(-1),
    ];
    return { rows: padded(height, around[0]), columns: padded(width, around[1]) };
  },
  Slice({ attrs, output }, image) {
    const begin = attrs["begin"] as number[];
    const size = output.shape;
    if (size[0] !== image[0] || size[3] !== image[3]) return undefined;
    return { rows: range(begin[1]!, size[1]!), columns: range(begin[2]!, size[2]!) };
  },
  Reverse({ attrs }, [, height, width]) {
    const axes = normalizeAxes(attrs["dims"], 4);
    if (axes.includes(0) || axes.includes(3)) return undefined;
    const ordered = (size: number, axis: number) => (axes.includes(axis) ? range(0, size).reverse() : range(0, size));
    return { rows: ordered(height, 1), columns: ordered(width, 2) };
  },
};

/** Images `[groups, height, width, block]` with their pixels moved. */
function moved(builder: OnnxBuilder, x: string, [groups, height, width, block]: number[], { rows, columns }: Moves) {
  const flat = (name: string, pixels: number): string => builder.reshape(name, [groups!, pixels, block!]);
  const zero = rows.includes(-1) || columns.includes(-1);
  // One more pixel, which is zero, for the places without a source.
  const source = zero
    ? builder.op("Pad", [flat(x, height! * width!), builder.ints([0, 0, 0, 0, 1, 0])])
    : flat(x, height! * width!);
  const order = rows.flatMap((row) =>
    columns.map((column) => (row < 0 || column < 0 ? height! * width! : row * width! + column)),
  );
  return builder.op("Gather", [source, builder.ints(order)], { axis: 1 });
}

const blockedPixels: BlockedLowering = (call) => {
  const { builder, block, values, output, node } = call;
  const id = node.inputs[0]!.id;
  const { shape, dtype } = values.spec(id);
  if (shape.length !== 4 || dtype !== "float32" || values.layoutOf(id) !== "blocked") return undefined;
  const image = shape as unknown as ImageShape;
  const moves = movesOf[node.kernel]!(call, image);
  if (moves === undefined) return undefined;
  const [n, groups, height, width] = blockedShape(block, image) as [number, number, number, number, number];
  const name = moved(builder, values.in("blocked", id), [n * groups, height, width, block], moves);
  return {
    layout: "blocked",
    name: builder.reshape(name, declaredShape(block, output.shape as unknown as ImageShape)),
  };
};

/** Kernels that move pixels. */
export const pixelKernels: Readonly<Record<string, BlockedLowering>> = Object.fromEntries(
  Object.keys(movesOf).map((kernel) => [kernel, blockedPixels]),
);
