/** Broadcasts with fewer axes: the shapes that elementwise kernels run on. */
import { describe, expect, it } from "vitest";
import { collapse } from "../src/onnx/collapse.js";

describe("collapse", () => {
  it.each([
    [
      [[4, 5, 6, 1], [1]],
      [4, 5, 6, 1],
      [[120], [1], [120]],
    ],
    [
      [[4, 5, 6, 1], []],
      [4, 5, 6, 1],
      [[120], [1], [120]],
    ],
    [
      [
        [4, 1],
        [3, 4, 1],
      ],
      [3, 4, 1],
      [
        [1, 4],
        [3, 4],
        [3, 4],
      ],
    ],
    [
      [
        [4, 5, 1, 1],
        [4, 1, 6, 1],
      ],
      [4, 5, 6, 1],
      [
        [4, 5, 1],
        [4, 1, 6],
        [4, 5, 6],
      ],
    ],
    [
      [[1, 1], [1]],
      [1, 1],
      [[], [], []],
    ],
  ])("of %j to %j is %j", (shapes, output, expected) => {
    expect(collapse(shapes, output)).toEqual(expected);
  });
});
