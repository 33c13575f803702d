/**
 * Two-dimensional convolutions and their gradients (NHWC images, HWIO filters) in standard ONNX
 * operators.
 */
import { convolutionOf } from "../recorder/shape-rules.js";
import type { OnnxBuilder } from "./builder.js";
import type { Call, Lowering, LoweringTable } from "./lowering.js";

const NHWC_TO_NCHW = [0, 3, 1, 2];
const NCHW_TO_NHWC = [0, 2, 3, 1];

type Geometry = ReturnType<typeof convolutionOf>;

const isChannelsFirst = ({ attrs }: Call): boolean => attrs["dataFormat"] === "NCHW";
const toNchw = (call: Call, x: string): string => (isChannelsFirst(call) ? x : call.builder.transpose(x, NHWC_TO_NCHW));
const fromNchw = (call: Call, x: string): string =>
  isChannelsFirst(call) ? x : call.builder.transpose(x, NCHW_TO_NHWC);
const filterToOihw = (builder: OnnxBuilder, filter: string): string => builder.transpose(filter, [3, 2, 0, 1]);

const geometryAttributes = ({ strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo }: Geometry) => ({
  strides: [strideHeight, strideWidth],
  dilations: [dilationHeight, dilationWidth],
  pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
});

const convolution: Lowering = (call) => {
  const { builder, name, spec, attrs } = call;
  const geometry = convolutionOf(spec("x").shape, spec("filter").shape, attrs);
  const y = builder.op(
    "Conv",
    [toNchw(call, name("x")), filterToOihw(builder, name("filter"))],
    geometryAttributes(geometry),
  );
  return fromNchw(call, y);
};

/** The transpose of the convolution. Output padding restores rows that no window reached. */
const inputGradient: Lowering = (call) => {
  const { builder, name, spec, attrs } = call;
  const geometry = convolutionOf(attrs["inputShape"] as number[], spec("filter").shape, attrs);
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = geometry;
  const reached = (out: number, stride: number, window: number, pads: number): number =>
    (out - 1) * stride + window - pads;
  const outputPadding = [
    inHeight - reached(outHeight, strideHeight, geometry.effectiveFilterHeight, padInfo.top + padInfo.bottom),
    inWidth - reached(outWidth, strideWidth, geometry.effectiveFilterWidth, padInfo.left + padInfo.right),
  ];
  const dx = builder.op("ConvTranspose", [toNchw(call, name("dy")), filterToOihw(builder, name("filter"))], {
    ...geometryAttributes(geometry),
    output_padding: outputPadding,
  });
  return fromNchw(call, dx);
};

/**
 * dW[tap, i, o] = Σ over images and positions of x[tap of the window, i] dy[position, o], computed
 * as one matrix product over all taps.
 */
const filterGradient: Lowering = (call) => {
  const { builder, name, spec, attrs, output } = call;
  const geometry = convolutionOf(spec("x").shape, output.shape, attrs);
  const { batchSize, inChannels, outChannels, outHeight, outWidth, padInfo, filterHeight, filterWidth } = geometry;
  const toNhwc = (x: string): string => (isChannelsFirst(call) ? builder.transpose(x, NCHW_TO_NHWC) : x);
  const pads = [0, padInfo.top, padInfo.left, 0, 0, padInfo.bottom, padInfo.right, 0];
  const image = toNhwc(name("x"));
  const padded = pads.every((size) => size === 0) ? image : builder.op("Pad", [image, builder.ints(pads)]);
  const positions = batchSize * outHeight * outWidth;
  const taps: string[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const [top, left] = [row * geometry.dilationHeight, column * geometry.dilationWidth];
      const bottom = top + (outHeight - 1) * geometry.strideHeight + 1;
      const right = left + (outWidth - 1) * geometry.strideWidth + 1;
      const window = builder.op("Slice", [
        padded,
        ...[
          [top, left],
          [bottom, right],
          [1, 2],
          [geometry.strideHeight, geometry.strideWidth],
        ].map((list) => builder.ints(list)),
      ]);
      taps.push(builder.reshape(window, [positions, inChannels]));
    }
  }
  const columns = taps.length === 1 ? taps[0]! : builder.op("Concat", taps, { axis: 1 });
  const dy = builder.reshape(toNhwc(name("dy")), [positions, outChannels]);
  return builder.reshape(builder.op("MatMul", [builder.transpose(columns, [1, 0]), dy]), output.shape);
};

export const convolutions: LoweringTable = {
  Conv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
};
