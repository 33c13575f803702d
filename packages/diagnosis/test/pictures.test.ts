/** Change and classes of pictures along chains, with pictures of one pixel. */
import { describe, expect, it } from "vitest";
import { classMeans, classVisits } from "../src/class-visits.js";
import type { Snapshot } from "../src/long-run.js";
import { pictureChange } from "../src/picture-change.js";

describe("pictures", () => {
  const snapshot = (step: number, ...values: number[]): Snapshot => ({
    step,
    samples: { kind: "images", values, shape: [values.length, 1, 1, 1] },
  });

  it("change by their squared difference, over that between chains", () => {
    // Chains move by 1 in every stretch of 5 steps and are 4 apart: 1/16.
    const change = pictureChange([snapshot(0, 0, 4), snapshot(5, 1, 5), snapshot(10, 0, 4)]);
    expect(change).toEqual({ stretch: 5, ratio: 1 / 16 });
    expect(pictureChange([snapshot(0, 0, 4)])).toBeUndefined();
    expect(pictureChange([snapshot(0, 0), snapshot(1, 1)])).toBeUndefined();
  });

  it("get the class with the nearest mean, and the labels say how far to trust them", () => {
    const reference = { images: Float32Array.of(-1, -3, 1, 3), shape: [4, 1, 1, 1], labels: [0, 0, 1, 1] };
    const test = { images: Float32Array.of(-2, 2, 0.5, -0.5), shape: [4, 1, 1, 1], labels: [0, 1, 1, 1] };
    const along = [snapshot(0, -1, 5), snapshot(2, 1, 4), snapshot(4, 2, 3), snapshot(6, -2, 9)];
    expect(classVisits(along, classMeans(reference, test)!)).toMatchObject({
      ...{ stretch: 2, classes: 2, agreement: 0.75 },
      ...{ hopRate: 2 / 6, visited: [2, 1], occupancy: [2 / 8, 6 / 8] },
    });
    const { labels: _, ...unlabelled } = reference;
    expect(classMeans(unlabelled, test)).toBeUndefined();
  });

  it("keep the labels of classes of which some are missing", () => {
    // Without images of class 1, the means are those of classes 0 and 2.
    const reference = { images: Float32Array.of(-1, 1), shape: [2, 1, 1, 1], labels: [0, 2] };
    const test = { images: Float32Array.of(-2, 2), shape: [2, 1, 1, 1], labels: [0, 2] };
    expect(classMeans(reference, test)).toMatchObject({ agreement: 1, means: [{ label: 0 }, { label: 2 }] });
  });
});
