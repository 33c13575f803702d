/**
 * A blocked image times, plus or less one number for each channel, or for each channel of each
 * image.
 *
 * As an elementwise operator ONNX Runtime broadcasts along one block of channels at a time. A
 * convolution with one tap for each channel takes a sixth of the time, and rounds alike.
 */
import { blockedChannels, declaredShape, paddedTo, type ImageShape } from "./layout.js";
import type { BlockedCall } from "./lowering.js";

/** One number for each channel: `[n, 1, 1, c]`, with n = 1 for numbers that all images share. */
interface Channels {
  readonly id: number;
  readonly shape: ImageShape;
}

/** The blocked result, or undefined for other kernels, and for numbers less an image. */
export function channelwise(call: BlockedCall, image: number, { id, shape }: Channels): string | undefined {
  const { node, builder, block, values, output } = call;
  const isProduct = node.kernel === "Multiply";
  const isSum = node.kernel === "Add" || (node.kernel === "Sub" && node.inputs[1]!.id === id);
  if (!isProduct && !isSum) return undefined;
  const [n, h, w, c] = output.shape as unknown as ImageShape;
  const own = shape[0];
  const channels = own * paddedTo(block, c);
  const flat = builder.reshape(blockedChannels({ builder, block }, values.in("plain", id), shape), [channels]);
  const numbers = node.kernel === "Sub" ? builder.op("Neg", [flat]) : flat;
  const taps = [channels, 1, 1, 1];
  const operands = isProduct ? [builder.reshape(numbers, taps)] : [builder.ones(taps), numbers];
  // The channels of all images become those of one image.
  const together = [n / own, channels, 1, h * w];
  const x = builder.reshape(values.in("blocked", image), together);
  const result = builder.nchwc("Conv", [x, ...operands], {
    ...{ kernel_shape: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] },
    group: channels,
  });
  builder.known(result, together);
  return builder.reshape(result, declaredShape(block, output.shape as unknown as ImageShape));
}
