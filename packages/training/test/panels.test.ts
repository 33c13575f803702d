/** Panels of points as one picture. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";
import { panelsPng } from "../src/samples/panels-file.js";

beforeAll(() => tf.setBackend("cpu"));

it("stand side by side, and points have the colours of their numbers", async () => {
  const points = () =>
    tf.tensor2d([
      [1, 1],
      [-1, -1],
    ]);
  const png = await panelsPng([
    { title: "data", points: points() },
    { title: "latents", points: points(), colours: tf.tensor1d([0, 1], "int32") },
  ]);
  const { data: pixels, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  expect([width, height]).toEqual([2 * 480 + 8, 480]);
  const at = (x: number, y: number) => [...pixels.subarray((y * width + x) * channels, (y * width + x) * channels + 3)];
  const [right, left] = [Math.round(240 * (1 + 1 / 1.05)), Math.round(240 * (1 - 1 / 1.05))];
  expect(at(right, left)).toEqual(at(left, right));
  expect(at(488 + right, left)).toEqual(at(right, left));
  expect(at(488 + left, right)).not.toEqual(at(right, left));
});

it("are points of the plane, with a colour for each", async () => {
  await expect(panelsPng([{ title: "z", points: tf.zeros([3, 3]) }])).rejects.toThrow(
    'the panel "z" has points [3, 3]',
  );
  const colours = tf.zeros([2], "int32");
  await expect(panelsPng([{ title: "z", points: tf.zeros([3, 2]), colours }])).rejects.toThrow("2 colours");
});
