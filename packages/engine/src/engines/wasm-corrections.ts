/**
 * Corrects kernels of the WebAssembly backend. Doubtful calls run on the plain backend, which is
 * right.
 *
 * These kernels drop NaN, read integers and booleans as floats, or write outside windows that lie
 * in the padding. The sum of an array, computed in WebAssembly, tells whether the array is finite.
 */
import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { families } from "../recorder/shape-rules.js";
import { axes3dOf, axesOf, lieInside, pool3dOf, poolOf } from "../recorder/geometry.js";
import { free, read, write } from "./host-values.js";
import { refuseIndicesOutside } from "./index-checks.js";
import { replaceKernel, type KernelFunc } from "./replace-kernel.js";

const WASM = "wasm";
const PLAIN = "cpu";

type Params = Parameters<KernelFunc>[0];
/** Whether the result of the backend's own kernel may be wrong for a call. */
type Doubt = (params: Params) => boolean;

const inputsOf = ({ inputs }: Params): tf.TensorInfo[] => Object.values(inputs).flat() as tf.TensorInfo[];

const isNotFinite: Doubt = (params) =>
  inputsOf(params).some((x) => {
    if (x.dtype !== "float32" || tf.util.sizeFromShape(x.shape) === 0) return false;
    const { backend } = params;
    const inputs = { x };
    const sum = tf
      .getKernel("Sum", WASM)
      .kernelFunc({ inputs, attrs: { axis: x.shape.map((_, i) => i), keepDims: false }, backend });
    const isFinite = Number.isFinite(read(backend, sum as tf.TensorInfo)[0]);
    free(backend, sum as tf.TensorInfo);
    return !isFinite;
  });

const isNotFloat: Doubt = (params) => inputsOf(params).some(({ dtype }) => dtype !== "float32");

const always: Doubt = () => true;

const lieOutside =
  (axesFor: (shape: readonly number[], attrs: tf.NamedAttrMap) => Parameters<typeof lieInside>[0]): Doubt =>
  ({ inputs, attrs }) =>
    !lieInside(axesFor(inputs["x"]!.shape, attrs!));

const flat = lieOutside((shape, attrs) => axesOf(poolOf(shape, attrs)));
const deep = lieOutside((shape, attrs) => axes3dOf(pool3dOf(shape, attrs)));

const each = (names: readonly string[], ...doubts: readonly Doubt[]): Record<string, readonly Doubt[]> =>
  Object.fromEntries(names.map((name) => [name, doubts]));

const doubts: Readonly<Record<string, readonly Doubt[]>> = {
  ...each(Object.keys(families["functions"]!), isNotFloat),
  ...each(
    "IsNan IsInf IsFinite RealDiv Mod Pow Atan2 SquaredDifference BatchMatMul Cumsum Cumprod".split(" "),
    isNotFloat,
  ),
  ...each("ResizeNearestNeighbor FusedBatchNorm LRN Conv3D".split(" "), isNotFloat),
  ...each("Relu6 ClipByValue Prelu Sign Mod Pow ArgMax ArgMin TopK ResizeBilinear".split(" "), isNotFloat, isNotFinite),
  ...each("Maximum Minimum UnsortedSegmentSum".split(" "), isNotFinite),
  ...each(["FloorDiv"], always),
  Cast: [({ attrs }) => attrs!["dtype"] === "bool"],
  MaxPool: [isNotFloat, flat, isNotFinite],
  AvgPool: [isNotFloat, flat, isNotFinite],
  MaxPool3D: [isNotFloat, deep, isNotFinite],
  MaxPoolWithArgmax: [isNotFloat, isNotFinite],
};

/** The same call on the plain backend. */
function runPlainly(kernelName: string, { inputs, attrs, backend }: Params): tf.TensorInfo | tf.TensorInfo[] {
  const kernel = tf.getKernel(kernelName, PLAIN);
  const plain = tf.findBackend(PLAIN);
  if (kernel === undefined || plain === null) {
    throw new EngineError(
      `${kernelName} on ${WASM} is wrong for NaN, infinities, integers and windows in the padding; the plain backend would compute it. ` +
        "Get it with: npm install @tensorflow/tfjs-backend-cpu",
    );
  }
  const copies = Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => [name, write(plain, read(backend, x!), x!)]),
  );
  const results = kernel.kernelFunc({ inputs: copies, attrs: attrs ?? {}, backend: plain });
  const moved = [results].flat().map((result) => write(backend, read(plain, result), result));
  for (const made of [...Object.values(copies), ...[results].flat()]) free(plain, made);
  return Array.isArray(results) ? moved : moved[0]!;
}

/** Corrects the WebAssembly backend's kernels. */
export function correctWasmKernels(): void {
  for (const [kernel, reasons] of Object.entries(doubts)) {
    replaceKernel(
      kernel,
      WASM,
      (own) => (params) => (reasons.some((doubt) => doubt(params)) ? runPlainly(kernel, params) : own(params)),
    );
  }
  refuseIndicesOutside(WASM);
}
