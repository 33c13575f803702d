/**
 * Kernels that some TensorFlow.js backends lack, composed of kernels that every backend has.
 *
 * Gradients need most of them. They run on the backend itself. A backend that has a kernel keeps
 * its own.
 */
import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../graph.js";

type Attrs = Record<string, unknown>;
type Inputs = Record<string, tf.TensorInfo>;
/** Runs another kernel of the same backend. Its result is freed when the composed kernel ends. */
type Call = (kernel: string, inputs: Inputs | tf.TensorInfo[], attrs?: Attrs) => tf.TensorInfo;
type Composition = (call: Call, inputs: Inputs, attrs: Attrs) => tf.TensorInfo;

const reshape = (call: Call, x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo =>
  call("Reshape", { x }, { shape });
const transpose = (call: Call, x: tf.TensorInfo, perm: readonly number[]): tf.TensorInfo =>
  call("Transpose", { x }, { perm });
const slice = (call: Call, x: tf.TensorInfo, begin: readonly number[], size: readonly number[]): tf.TensorInfo =>
  call("Slice", { x }, { begin, size });
const pad = (call: Call, x: tf.TensorInfo, paddings: readonly (readonly [number, number])[]): tf.TensorInfo =>
  paddings.every(([before, after]) => before === 0 && after === 0)
    ? x
    : call("PadV2", { x }, { paddings, constantValue: 0 });
/** The sum over the leading axes: `x` has shape `[..., ...rest]`. */
const sumLeading = (call: Call, x: tf.TensorInfo, rest: readonly number[]): tf.TensorInfo => {
  const flat = reshape(call, x, [sizeOf(x.shape) / sizeOf(rest), sizeOf(rest)]);
  return reshape(call, call("Sum", { x: flat }, { axis: [0], keepDims: false }), rest);
};

/** The geometry of a convolution of images `[batch, height, width, channels]`. */
function geometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dimRoundingMode, dataFormat }: Attrs,
  depthwise: boolean,
): tf.backend_util.Conv2DInfo {
  if (dataFormat === "NCHW") throw new Error("this backend differentiates convolutions of NHWC images only.");
  return tf.backend_util.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides as [number, number],
    (dilations ?? 1) as number,
    pad as "same",
    dimRoundingMode as "floor" | undefined,
    depthwise,
  );
}

/**
 * `dFilter[a, b, i, o] = sum x[n, s h + d a, s w + d b, i] dy[n, h, w, o]`, computed as a
 * convolution whose channels are the images.
 */
const filterGradient: Composition = (call, inputs, attrs) => {
  const [x, dy] = [inputs["x"]!, inputs["dy"]!];
  const filterShape = attrs["filterShape"] as number[];
  const info = geometry(x.shape, filterShape, attrs, false);
  const { top, bottom, left, right } = info.padInfo;
  const edges = [[0, 0], [top, bottom], [left, right], [0, 0]] as const; // prettier-ignore
  const images = transpose(call, pad(call, x, edges), [3, 1, 2, 0]);
  const filter = transpose(call, dy, [1, 2, 0, 3]);
  const sums = call(
    "Conv2D",
    { x: images, filter },
    {
      strides: [info.dilationHeight, info.dilationWidth],
      dilations: [info.strideHeight, info.strideWidth],
      pad: "valid",
      dataFormat: "NHWC",
    },
  );
  // Image rows that no window reached give extra sums at the end, which are cut off.
  const [height, width, inChannels, outChannels] = filterShape as [number, number, number, number];
  const gradient = slice(call, sums, [0, 0, 0, 0], [inChannels, height, width, outChannels]);
  return transpose(call, gradient, [1, 2, 0, 3]);
};

/** For each position in a filter, the start of its values in the padded image. */
function* taps({
  filterHeight,
  filterWidth,
  dilationHeight,
  dilationWidth,
}: tf.backend_util.Conv2DInfo): Generator<[row: number, column: number]> {
  for (let a = 0; a < filterHeight; a++)
    for (let b = 0; b < filterWidth; b++) yield [a * dilationHeight, b * dilationWidth];
}

/**
 * The size of the image that holds the windows: padded, and cropped or extended so that every
 * window ends in whole strides.
 */
function canvas(info: tf.backend_util.Conv2DInfo): [height: number, width: number] {
  const { outHeight, outWidth, strideHeight, strideWidth } = info;
  return [
    Math.max(
      info.padInfo.top + info.inHeight,
      (info.filterHeight - 1) * info.dilationHeight + outHeight * strideHeight,
    ),
    Math.max(info.padInfo.left + info.inWidth, (info.filterWidth - 1) * info.dilationWidth + outWidth * strideWidth),
  ];
}

/**
 * `dFilter[a, b, c, q] = sum x[n, s h + d a, s w + d b, c] dy[n, h, w, c Q + q]`, one filter
 * position at a time.
 */
const depthwiseFilterGradient: Composition = (call, inputs, attrs) => {
  const [x, dy] = [inputs["x"]!, inputs["dy"]!];
  const filterShape = attrs["filterShape"] as [number, number, number, number];
  const info = geometry(x.shape, filterShape, attrs, true);
  const { batchSize, outHeight, outWidth, inChannels, padInfo, strideHeight, strideWidth } = info;
  const multiplier = filterShape[3];
  const [height, width] = canvas(info);
  const filled = pad(call, x, [
    [0, 0],
    [padInfo.top, height - padInfo.top - info.inHeight],
    [padInfo.left, width - padInfo.left - info.inWidth],
    [0, 0],
  ]);
  const slopes = reshape(call, dy, [batchSize, outHeight, outWidth, inChannels, multiplier]);
  const places = [...taps(info)].map(([row, column]) => {
    const size = [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels];
    const strided = reshape(call, slice(call, filled, [0, row, column, 0], size), [
      batchSize,
      outHeight,
      strideHeight,
      outWidth,
      strideWidth * inChannels,
    ]);
    const seen = slice(call, strided, [0, 0, 0, 0, 0], [batchSize, outHeight, 1, outWidth, inChannels]);
    const product = call("Multiply", {
      a: reshape(call, seen, [batchSize, outHeight, outWidth, inChannels, 1]),
      b: slopes,
    });
    return sumLeading(call, product, [1, inChannels, multiplier]);
  });
  return reshape(call, call("Concat", places, { axis: 0 }), filterShape);
};

/**
 * `dx[n, s h + d a, s w + d b, c] += sum_q filter[a, b, c, q] dy[n, h, w, c Q + q]`, one filter
 * position at a time.
 */
const depthwiseInputGradient: Composition = (call, inputs, attrs) => {
  const [dy, filter] = [inputs["dy"]!, inputs["filter"]!];
  const inputShape = attrs["inputShape"] as number[];
  const info = geometry(inputShape, filter.shape, attrs, true);
  const { batchSize, outHeight, outWidth, inChannels, padInfo, strideHeight, strideWidth } = info;
  const multiplier = filter.shape[3]!;
  const [height, width] = canvas(info);
  const slopes = reshape(call, dy, [batchSize, outHeight, outWidth, inChannels, multiplier]);
  const places = reshape(call, filter, [info.filterHeight * info.filterWidth, inChannels, multiplier]);
  const sums = [...taps(info)].map(([row, column], place) => {
    const weights = slice(call, places, [place, 0, 0], [1, inChannels, multiplier]);
    const product = call("Multiply", { a: slopes, b: reshape(call, weights, [1, 1, 1, inChannels, multiplier]) });
    const sum = call("Sum", { x: product }, { axis: [4], keepDims: false });
    // Zeros after every value and every row spread the values by the strides.
    const rows = reshape(call, sum, [batchSize, outHeight, 1, outWidth, inChannels]);
    const spread = pad(call, rows, [[0, 0], [0, 0], [0, strideHeight - 1], [0, 0], [0, (strideWidth - 1) * inChannels]]); // prettier-ignore
    const image = reshape(call, spread, [batchSize, outHeight * strideHeight, outWidth * strideWidth, inChannels]);
    const [below, beside] = [height - row - outHeight * strideHeight, width - column - outWidth * strideWidth];
    return pad(call, image, [[0, 0], [row, below], [column, beside], [0, 0]]); // prettier-ignore
  });
  const total = sums.reduce((a, b) => call("Add", { a, b }));
  return slice(call, total, [0, padInfo.top, padInfo.left, 0], inputShape);
};

/** Sums the rows with the same id: a product with the one-hot rows of the ids. */
const segmentSum: Composition = (call, { x, segmentIds }, { numSegments }) => {
  const segments = numSegments as number;
  const count = sizeOf(segmentIds!.shape);
  const rest = x!.shape.slice(segmentIds!.shape.length);
  const indices = reshape(call, segmentIds!, [count]);
  const asFloat = (y: tf.TensorInfo): tf.TensorInfo => call("Cast", { x: y }, { dtype: "float32" });
  const indicators = asFloat(call("OneHot", { indices }, { depth: segments, onValue: 1, offValue: 0, dtype: "int32" }));
  const rows = reshape(call, asFloat(x!), [1, count, sizeOf(rest)]);
  const sums = call(
    "BatchMatMul",
    { a: reshape(call, indicators, [1, count, segments]), b: rows },
    { transposeA: true, transposeB: false },
  );
  return reshape(call, call("Cast", { x: sums }, { dtype: x!.dtype }), [segments, ...rest]);
};

/**
 * The einsum plan of TensorFlow.js: operands are transposed into order, multiplied one by one, and
 * summed axis by axis.
 */
const einsum: Composition = (call, inputs, attrs) => {
  const operands = Object.values(inputs);
  const util = tf.backend_util;
  const { allDims, summedDims, idDims } = util.decodeEinsumEquation(attrs["equation"] as string, operands.length);
  util.checkEinsumDimSizes(allDims.length, idDims, operands as tf.Tensor[]);
  const { path, steps } = util.getEinsumComputePath(summedDims, idDims);
  let axes = allDims.length;
  let product: tf.TensorInfo | undefined;
  for (const [i, step] of steps.entries()) {
    for (const id of step) {
      const { permutationIndices, expandDims } = util.getEinsumPermutation(axes, idDims[id]!);
      let factor = operands[id]!;
      if (!util.isIdentityPermutation(permutationIndices)) factor = transpose(call, factor, permutationIndices);
      const shape = [...factor.shape];
      for (const axis of expandDims) shape.splice(axis, 0, 1);
      factor = reshape(call, factor, shape);
      product = product === undefined ? factor : call("Multiply", { a: factor, b: product });
    }
    if (i === steps.length - 1) break;
    if (path[i]! >= 0) {
      const axis = [path[i]! - (allDims.length - axes)];
      product = call("Sum", { x: product! }, { axis, keepDims: false });
    }
    axes -= 1;
  }
  return product!;
};

const compositions: Readonly<Record<string, Composition>> = {
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  UnsortedSegmentSum: segmentSum,
  Einsum: einsum,
};

/** A kernel that frees its intermediate results. */
function composed(kernelName: string, backendName: string, composition: Composition): tf.KernelConfig {
  return {
    kernelName,
    backendName,
    kernelFunc({ inputs, attrs, backend }) {
      const made = new Set<tf.TensorInfo>();
      const call: Call = (kernel, given, more = {}) => {
        const kernelFunc = tf.getKernel(kernel, backendName).kernelFunc;
        const result = kernelFunc({
          inputs: given as tf.NamedTensorInfoMap,
          attrs: more as tf.NamedAttrMap,
          backend,
        }) as tf.TensorInfo;
        made.add(result);
        return result;
      };
      const result = composition(call, inputs as Inputs, (attrs ?? {}) as Attrs);
      made.delete(result);
      for (const { dataId } of made) (backend as tf.KernelBackend).disposeData(dataId);
      return result;
    },
  };
}

/** Registers the kernels that a backend lacks. */
export function supplyKernels(backend: string): void {
  for (const [kernel, composition] of Object.entries(compositions)) {
    if (tf.getKernel(kernel, backend) === undefined) tf.registerKernel(composed(kernel, backend, composition));
  }
}
