/**
 * Refuses indices that TensorFlow.js kernels do not check.
 *
 * These kernels read an index outside its axis as an entry of the next row, or write beyond the
 * tensor.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { read } from "./host-values.js";
import { replaceKernel } from "./replace-kernel.js";

interface Check {
  readonly indices: string;
  /**
   * Sizes of the axes that an index addresses, in order. Undefined if any non-negative number is
   * valid.
   */
  readonly sizes: (inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap) => readonly number[] | undefined;
}

/** Number of coordinates of one index. */
const depthOf = ({ shape }: tf.TensorInfo): number => (shape.length < 2 ? 1 : shape.at(-1)!);

const into = (
  indices: string,
  shapeOf: (inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap) => number[],
): Check => ({
  indices,
  sizes: (inputs, attrs) => shapeOf(inputs, attrs).slice(0, depthOf(inputs[indices]!)),
});

const counted: Check = { indices: "x", sizes: () => undefined };

const checks: Readonly<Record<string, Check>> = {
  GatherNd: { indices: "indices", sizes: ({ params, indices }) => params!.shape.slice(0, indices!.shape.at(-1)) },
  ScatterNd: into("indices", (_, attrs) => attrs["shape"] as number[]),
  TensorScatterUpdate: into("indices", ({ tensor }) => tensor!.shape),
  SparseToDense: into("sparseIndices", (_, attrs) => attrs["outputShape"] as number[]),
  Bincount: counted,
  DenseBincount: counted,
};

/** Makes a backend refuse indices outside their axes. The host must be able to read its memory. */
export function refuseIndicesOutside(backendName: string): void {
  for (const [kernel, { indices, sizes }] of Object.entries(checks)) {
    replaceKernel(kernel, backendName, (own) => (params) => {
      const { inputs, attrs = {}, backend } = params;
      const limits = sizes(inputs, attrs);
      read(backend, inputs[indices]!).forEach((index, i) => {
        const limit = limits?.[i % limits.length] ?? Infinity;
        if (index >= 0 && index < limit) return;
        const expected = limits === undefined ? "numbers that are not negative" : `indices from 0 to ${limit - 1}`;
        throw new EngineError(`${kernel} got the index ${index}; expected ${expected}.`);
      });
      return own(params);
    });
  }
}
