/** Blocked images for kernels that sum over channels. */
import type { BlockedCall } from "./lowering.js";
import { blockedShape, declaredShape, paddedTo, type ImageShape } from "./layout.js";

/**
 * The blocked image with zeros in the channels that fill up the last block.
 *
 * A convolution computes these channels with zero weights, which gives NaN beside infinities and
 * NaN. An activation need not keep zeros. Without this function both would enter sums over
 * channels. Images that were computed in the plain layout hold zeros there.
 */
export function zeroFilled({ builder, block, values }: BlockedCall, id: number): string {
  const x = values.in("blocked", id);
  const shape = values.spec(id).shape as unknown as ImageShape;
  const channels = shape[3];
  if (channels % block === 0 || values.layoutOf(id) !== "blocked") return x;
  return values.once(id, "zero-filled", () => {
    const all = paddedTo(block, channels);
    const isOwn = Uint8Array.from({ length: all }, (_, channel) => (channel < channels ? 1 : 0));
    const own = builder.constant({ shape: [1, all / block, 1, 1, block], dtype: "bool" }, isOwn);
    const kept = builder.op("Where", [own, builder.reshape(x, blockedShape(block, shape)), builder.scalar(0)]);
    return builder.reshape(kept, declaredShape(block, shape));
  });
}
