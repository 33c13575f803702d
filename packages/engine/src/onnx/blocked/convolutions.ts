/** The three convolution kernels on the blocked layout. */
import { convolutionOf, type KernelAttrs } from "../../recorder/shape-rules.js";
import { filterGradient as gradientOfFilter } from "./filter-gradient.js";
import { transposeToFewChannels } from "./few-channels.js";
import { convolve, type Finish } from "./forward.js";
import type { ConvolutionGeometry } from "./geometry.js";
import { hasPhases, transposeConvolution } from "./input-gradient.js";
import { padAxis, paddedTo, type ImageShape } from "./layout.js";
import type { BlockedCall, BlockedLowering } from "./lowering.js";
import { convolveSideBySide, isFasterSideBySide } from "./side-by-side.js";
import { blockWeights, type WeightLayout } from "./weights.js";
import { zeroFilled } from "./zero-filled.js";

export type Filter = readonly [number, number, number, number];

/** The geometry of a convolution of `image` with `filter`, or undefined for the NCHW format. */
export function geometryOf(
  image: readonly number[],
  filter: readonly number[],
  attrs: KernelAttrs,
): ConvolutionGeometry | undefined {
  if (attrs["dataFormat"] === "NCHW") return undefined;
  const { padInfo, ...of } = convolutionOf(image, filter, attrs);
  return {
    filter: filter as Filter,
    strides: [of.strideHeight, of.strideWidth],
    dilations: [of.dilationHeight, of.dilationWidth],
    padding: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
    image: image as unknown as ImageShape,
    positions: [of.outHeight, of.outWidth],
  };
}

/** An image in the layout that a convolution reads: NCHW if it has fewer channels than a block. */
const imageFor = (call: BlockedCall, id: number): string =>
  call.values.spec(id).shape[3]! < call.block ? call.values.in("nchw", id) : zeroFilled(call, id);

const ACTIVATIONS: Readonly<Record<string, (attrs: KernelAttrs) => number[]>> = {
  LeakyRelu: (attrs) => [attrs["alpha"] as number],
  Relu: () => [],
  Tanh: () => [],
  Sigmoid: () => [],
};

/** Whether a convolution can apply this kernel to its results. */
export const isFusedActivation = (kernel: string): boolean => kernel in ACTIVATIONS;

function finishOf(call: BlockedCall): Finish {
  const { builder, block, values, idOf, attrs, output } = call;
  const [bias, sum] = [idOf("bias"), idOf("sum")];
  const channels = output.shape[3]!;
  const activation = attrs["activation"] as string | undefined;
  return {
    bias:
      bias === undefined
        ? undefined
        : values.once(bias, "bias", () =>
            padAxis(
              builder,
              builder.reshape(values.in("plain", bias), [channels]),
              [channels],
              0,
              paddedTo(block, channels),
            ),
          ),
    sum: sum === undefined ? undefined : values.in("blocked", sum),
    activation: (activation && { name: activation, params: ACTIVATIONS[activation]!(attrs) }) || undefined,
  };
}

const weightsOf = (call: BlockedCall, layout: WeightLayout): string => {
  const id = call.idOf("filter")!;
  return call.values.once(id, `filter ${JSON.stringify(layout)}`, () =>
    blockWeights(call, call.values.in("plain", id), layout),
  );
};

const convolution: BlockedLowering = (call) => {
  const { values, idOf, attrs } = call;
  const [x, filter] = [idOf("x")!, values.spec(idOf("filter")!).shape as unknown as Filter];
  const geometry = geometryOf(values.spec(x).shape, filter, attrs);
  if (geometry === undefined) return undefined;
  const { strides, dilations, padding: pads } = geometry;
  const [image, weights, finish] = [imageFor(call, x), weightsOf(call, { filter }), finishOf(call)];
  if (finish.sum === undefined && isFasterSideBySide(geometry, call.block)) {
    return { layout: "blocked", name: convolveSideBySide(call, image, weights, geometry, finish) };
  }
  const window = { kernel: [filter[0], filter[1]] as const, strides, dilations, pads };
  return { layout: "blocked", name: convolve(call, image, weights, window, finish) };
};

const inputGradient: BlockedLowering = (call) => {
  const { values, idOf, attrs, output, block } = call;
  const [dy, filterId] = [idOf("dy")!, idOf("filter")!];
  const filter = values.spec(filterId).shape as unknown as Filter;
  const geometry = geometryOf(output.shape, filter, attrs);
  if (geometry === undefined) return undefined;
  if (filter[2] < block) {
    return {
      layout: "nchw",
      name: transposeToFewChannels(call, imageFor(call, dy), values.in("plain", filterId), geometry),
    };
  }
  if (!hasPhases(geometry)) return undefined;
  const weights = (taps: WeightLayout["taps"]): string =>
    weightsOf(call, { filter, reversed: true, ...(taps && { taps }) });
  return {
    layout: "blocked",
    name: transposeConvolution(call, imageFor(call, dy), weights, geometry, finishOf(call)),
  };
};

const filterGradient: BlockedLowering = (call) => {
  const { values, idOf, attrs, output, block } = call;
  const [x, dy] = [idOf("x")!, idOf("dy")!];
  const filter = output.shape as unknown as Filter;
  const geometry = geometryOf(values.spec(x).shape, filter, attrs);
  if (geometry === undefined) return undefined;
  const images = values.in(filter[2] < block ? "plain" : "blocked", x);
  return { layout: "plain", name: gradientOfFilter(call, images, values.in("blocked", dy), geometry) };
};

export const blockedConvolutions: Readonly<Record<string, BlockedLowering>> = {
  Conv2D: convolution,
  Conv2DBackpropInput: inputGradient,
  Conv2DBackpropFilter: filterGradient,
};
