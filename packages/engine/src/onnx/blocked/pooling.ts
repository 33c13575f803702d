/** Means over windows of blocked images, and their gradient, without a border. */
import { axesOf, poolOf, type WindowAxis } from "../../recorder/geometry.js";
import type { BlockedCall, BlockedLowering } from "./lowering.js";

/** The windows along both axes, if the blocked image has no border. */
function windowsOf({ attrs, values }: BlockedCall, input: number, image: readonly number[]): WindowAxis[] | undefined {
  const { dtype } = values.spec(input);
  const isBlocked = dtype === "float32" && values.layoutOf(input) === "blocked";
  return isBlocked && attrs["pad"] === "valid" ? axesOf(poolOf(image, attrs)) : undefined;
}

const means: BlockedLowering = (call) => {
  const { builder, values, idOf } = call;
  const id = idOf("x")!;
  const windows = windowsOf(call, id, values.spec(id).shape);
  if (windows === undefined) return undefined;
  const attributes = {
    kernel_shape: windows.map(({ window }) => window),
    strides: windows.map(({ stride }) => stride),
  };
  return { layout: "blocked", name: builder.nchwc("AveragePool", [values.in("blocked", id)], attributes) };
};

/** Each entry of dy, divided by the size of its window, at every pixel of the window. */
const meansGradient: BlockedLowering = (call) => {
  const { builder, values, idOf, output } = call;
  const dy = idOf("dy")!;
  const windows = windowsOf(call, dy, output.shape);
  if (windows?.every(({ window, stride, size, out }) => window === stride && size === out * stride) !== true) {
    return undefined;
  }
  const scales = [1, 1, ...windows.map(({ window }) => window)];
  const share = builder.scalar(1 / scales.reduce((a, b) => a * b));
  const scaled = builder.op("Mul", [values.in("blocked", dy), share]);
  return { layout: "blocked", name: builder.nchwc("Upsample", [scaled], { scales }) };
};

export const blockedPooling: Readonly<Record<string, BlockedLowering>> = {
  AvgPool: means,
  AvgPoolGrad: meansGradient,
};
