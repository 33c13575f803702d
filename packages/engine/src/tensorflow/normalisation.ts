/**
 * Batch normalisation with given moments, and local response normalisation over channels with its
 * gradient.
 */
import { inFloats } from "./elementwise.js";
import type { Call, Lowering, LoweringTable } from "./lowering.js";

/** (x - mean) scale / √(variance + ε) + offset. */
const batchNorm: Lowering = ({ builder, name, has, attrs }) => {
  const calculate = (op: string, ...operands: string[]): string => builder.op(op, operands, { T: "float32" });
  const epsilon = builder.scalar((attrs["varianceEpsilon"] ?? 0.001) as number);
  const inverse = calculate("Rsqrt", calculate("AddV2", name("variance"), epsilon));
  const factor = has("scale") ? calculate("Mul", inverse, name("scale")) : inverse;
  const scaled = calculate("Mul", calculate("Sub", name("x"), name("mean")), factor);
  return has("offset") ? calculate("AddV2", scaled, name("offset")) : scaled;
};

const localResponse = ({ attrs }: Call) => ({
  T: "float32",
  depth_radius: attrs["depthRadius"] as number,
  bias: { float: attrs["bias"] as number },
  alpha: { float: attrs["alpha"] as number },
  beta: { float: attrs["beta"] as number },
});

export const normalisation: LoweringTable = {
  FusedBatchNorm: inFloats(batchNorm),
  LRN: inFloats((call) => call.builder.op("LRN", [call.name("x")], localResponse(call))),
  LRNGrad: (call) => call.builder.op("LRNGrad", [call.name("dy"), call.name("x"), call.name("y")], localResponse(call)),
};
