/** Pictures of where images differ. */
import { expect, it } from "vitest";
import { differenceMaps } from "../../src/model/difference-map.js";

it("is the mean difference of the channels of a pixel, the largest one white", () => {
  const shape = [1, 2, 2, 3];
  const a = { images: Float32Array.of(1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), shape };
  const b = { images: Float32Array.of(0.5, 0, -0.5, 0, 0.75, 0, 0, 0, 0, 0, 0, -1.5), shape };
  // Means 1, 0.25, 0 and 0.5 of the largest, 1, on a scale from -1 to 1.
  expect(differenceMaps(a, b)).toEqual({ images: Float32Array.of(1, -0.5, -1, 0), shape: [1, 2, 2, 1] });
  expect(differenceMaps(b, a)).toEqual(differenceMaps(a, b));
});

it("is black where nothing differs, and refused for other shapes", () => {
  const grey = { images: new Float32Array(8), shape: [2, 2, 2, 1] };
  expect(differenceMaps(grey, grey)).toEqual({ images: new Float32Array(8).fill(-1), shape: [2, 2, 2, 1] });
  expect(() => differenceMaps(grey, { ...grey, shape: [1, 2, 4, 1] })).toThrow(/shapes \[2,2,2,1\] and \[1,2,4,1\]/);
});
