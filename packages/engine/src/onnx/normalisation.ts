/**
 * Batch normalisation with given moments, and local response normalisation over channels with its
 * gradient.
 */
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import { throughFloats } from "./types.js";

/** (x - mean) scale / √(variance + ε) + offset. */
const batchNorm: Lowering = ({ builder, node, name, attrs }) => {
  const given = (input: string): boolean => node.inputs.some((one) => one.name === input);
  const epsilon = builder.scalar((attrs["varianceEpsilon"] ?? 0.001) as number);
  const centred = builder.op("Sub", [name("x"), name("mean")]);
  const scaled = given("scale") ? builder.op("Mul", [centred, name("scale")]) : centred;
  const deviation = builder.op("Sqrt", [builder.op("Add", [name("variance"), epsilon])]);
  const normalised = builder.op("Div", [scaled, deviation]);
  return given("offset") ? builder.op("Add", [normalised, name("offset")]) : normalised;
};

/** Sums over the channels within the radius, computed as a product with a band matrix of ones. */
function overNeighbours({ builder, attrs, output }: Call, x: string): string {
  const channels = output.shape.at(-1)!;
  const radius = attrs["depthRadius"] as number;
  const band = Float32Array.from({ length: channels * channels }, (_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= radius ? 1 : 0,
  );
  return builder.op("MatMul", [x, builder.constant({ shape: [channels, channels], dtype: "float32" }, band)]);
}

/** bias + α Σ over neighbouring channels of x². */
function norm(call: Call): string {
  const { builder, name, attrs } = call;
  const squares = overNeighbours(call, builder.op("Mul", [name("x"), name("x")]));
  const scaled = builder.op("Mul", [squares, builder.scalar(attrs["alpha"] as number)]);
  return builder.op("Add", [scaled, builder.scalar(attrs["bias"] as number)]);
}

const toMinusBeta = ({ builder, attrs }: Call, x: string): string =>
  builder.op("Pow", [x, builder.scalar(-(attrs["beta"] as number))]);

/** x norm^-β. */
const localResponse: Lowering = (call) => call.builder.op("Mul", [call.name("x"), toMinusBeta(call, norm(call))]);

/** dy norm^-β - 2αβ x Σ over neighbouring channels of dy y / norm. */
const localResponseGradient: Lowering = (call) => {
  const { builder, name, attrs } = call;
  const scale = norm(call);
  const direct = builder.op("Mul", [name("dy"), toMinusBeta(call, scale)]);
  const shared = overNeighbours(call, builder.op("Div", [builder.op("Mul", [name("dy"), name("y")]), scale]));
  const factor = builder.scalar(2 * (attrs["alpha"] as number) * (attrs["beta"] as number));
  return builder.op("Sub", [direct, builder.op("Mul", [factor, builder.op("Mul", [name("x"), shared])])]);
};

export const normalisation: LoweringTable = {
  FusedBatchNorm: throughFloats(batchNorm),
  LRN: throughFloats(localResponse),
  LRNGrad: localResponseGradient,
};
