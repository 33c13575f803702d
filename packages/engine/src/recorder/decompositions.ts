/**
 * Fused kernels (`tf.fused.*`) are recorded as the kernels they combine, so that passes and engines
 * need no code for them.
 */
import type { NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { KernelAttrs } from "./shape-rules/rule.js";

/** Records one kernel call. */
export type RecordCall = (kernel: string, inputs: NamedTensorInfoMap, attrs: KernelAttrs) => TensorInfo;
type Decomposition = (record: RecordCall, inputs: NamedTensorInfoMap, attrs: KernelAttrs) => TensorInfo;

const kernelOf: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
  leakyrelu: "LeakyRelu",
  prelu: "Prelu",
};

/**
 * Numbers per channel align with the last axis. With channels first they need two axes behind them.
 */
function byChannel(record: RecordCall, x: TensorInfo, attrs: KernelAttrs): TensorInfo {
  if (attrs["dataFormat"] !== "NCHW" || x.shape.length !== 1) return x;
  return record("Reshape", { x }, { shape: [x.shape[0]!, 1, 1] });
}

/** The kernel, then the bias, then the activation. */
const followed =
  (kernel: string, [a, b]: readonly [string, string]): Decomposition =>
  (record, inputs, attrs) => {
    const { bias, preluActivationWeights: alpha } = inputs;
    const { activation, leakyreluAlpha, ...own } = attrs;
    const product = record(kernel, { [a]: inputs[a]!, [b]: inputs[b]! }, own);
    const sum = bias ? record("Add", { a: product, b: byChannel(record, bias, attrs) }, {}) : product;
    const activationKernel = kernelOf[activation as string];
    if (activationKernel === undefined) return sum;
    return record(
      activationKernel,
      alpha ? { x: sum, alpha: byChannel(record, alpha, attrs) } : { x: sum },
      activation === "leakyrelu" ? { alpha: leakyreluAlpha } : {},
    );
  };

export const decompositions: Readonly<Record<string, Decomposition>> = {
  _FusedMatMul: followed("BatchMatMul", ["a", "b"]),
  FusedConv2D: followed("Conv2D", ["x", "filter"]),
  FusedDepthwiseConv2D: followed("DepthwiseConv2dNative", ["x", "filter"]),
};
