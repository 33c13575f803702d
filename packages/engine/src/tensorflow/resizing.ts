/** Nearest and bilinear resizing of NHWC images, and their gradients. */
import type { Call, Lowering, LoweringTable } from "./lowering.js";

const modes = ({ attrs }: Call) => ({
  T: "float32",
  align_corners: Boolean(attrs["alignCorners"]),
  half_pixel_centers: Boolean(attrs["halfPixelCenters"]),
});

const resize =
  (op: string): Lowering =>
  (call) => {
    const { builder, name, spec, attrs } = call;
    const size = builder.ints(attrs["size"] as number[]);
    return builder.op(op, [name("images"), size], { ...modes(call), T: spec("images").dtype });
  };

export const resizing: LoweringTable = {
  ResizeNearestNeighbor: resize("ResizeNearestNeighbor"),
  ResizeBilinear: resize("ResizeBilinear"),
  ResizeNearestNeighborGrad: (call) =>
    call.builder.op(
      "ResizeNearestNeighborGrad",
      [call.name("dy"), call.builder.ints(call.output.shape.slice(1, 3))],
      modes(call),
    ),
  ResizeBilinearGrad: (call) =>
    call.builder.op("ResizeBilinearGrad", [call.name("dy"), call.name("images")], modes(call)),
};
