/**
 * Sums and means of blocked images over all pixels, over images and pixels, or over everything. No
 * layout is converted.
 */
import { normalizeAxes } from "../lowering.js";
import { cropAxis, paddedTo, type ImageShape } from "./layout.js";
import type { BlockedLowering } from "./lowering.js";
import { zeroFilled } from "./zero-filled.js";

const reduction =
  (kind: "sum" | "sum of squares" | "mean"): BlockedLowering =>
  (call) => {
    const { builder, block, values, idOf, attrs, output } = call;
    const id = idOf("x")!;
    const { shape, dtype } = values.spec(id);
    if (shape.length !== 4 || dtype !== "float32" || values.layoutOf(id) !== "blocked") return undefined;
    const axes = normalizeAxes(attrs["axis"], 4).join();
    if (!["1,2", "0,1,2", "0,1,2,3", "1,2,3"].includes(axes)) return undefined;
    const [n, h, w, c] = shape as unknown as ImageShape;
    const padded = paddedTo(block, c);
    const sum = (x: string, axis: number): string =>
      builder.op("ReduceSum", [x, builder.ints([axis])], { keepdims: 0 });
    // [n, C/B, pixels, B] -> [n, C/B, B] = [n, C]
    const given = axes.endsWith("3") ? zeroFilled(call, id) : values.in("blocked", id);
    const image = kind === "sum of squares" ? builder.op("Mul", [given, given]) : given;
    let x = builder.reshape(sum(builder.reshape(image, [n, padded / block, h * w, block]), 2), [n, padded]);
    if (axes.endsWith("3")) x = sum(x, 1);
    if (axes.startsWith("0")) x = sum(x, 0);
    if (!axes.endsWith("3")) {
      const sizes = axes.startsWith("0") ? [padded] : [n, padded];
      x = cropAxis(builder, x, sizes, sizes.length - 1, c);
    }
    if (kind === "mean")
      x = builder.op("Mul", [x, builder.scalar(output.shape.reduce((a, b) => a * b, 1) / (n * h * w * c))]);
    return { layout: "plain", name: builder.reshape(x, output.shape) };
  };

export const blockedReductions: Readonly<Record<string, BlockedLowering>> = {
  Sum: reduction("sum"),
  SumOfSquares: reduction("sum of squares"),
  Mean: reduction("mean"),
};
