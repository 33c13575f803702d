/** Grids of ways through latents, with a latent space that shows its own coordinates. */
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import type { LatentSpace, LearnerState } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Grid } from "../src/latents/grid.js";
import { layersGrid } from "../src/latents/layers.js";
import { pairsGrid } from "../src/latents/pairs.js";
import { traversalGrid } from "../src/latents/traversal.js";

/** Observations are the layers side by side. A redrawn layer becomes 9. */
const space: LatentSpace<LearnerState, unknown> = {
  sample: () => Promise.reject(new Error("not used")),
  decode: (_, z) => Promise.resolve(tf.concat(tree.leaves(z), 1)),
  redraw: (_, z, layers) =>
    Promise.resolve(
      Object.fromEntries(
        Object.entries(z as Record<string, tf.Tensor>).map(([name, leaf]) => [
          name,
          layers.includes(name) ? tf.fill(leaf.shape, 9) : tf.clone(leaf),
        ]),
      ),
    ),
};
const latents = { space, state: { params: {} } };
const of = "of a test";

/** What a grid shows, row by row: the coordinates of each place. */
const shown = ({ observations, columns }: Grid): number[][][] => {
  const values = (observations as tf.Tensor2D).arraySync();
  return Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
};

beforeAll(() => useEngine("cpu"));

describe("grids of latents", () => {
  const makeLayers = () => ({ z1: tf.tensor2d([1, 2, 3, 4], [2, 2]), z2: tf.tensor2d([5, 6], [2, 1]) });

  it("go from the first to the second latent of each pair, and leave out one without a partner", async () => {
    const z = tf.tensor2d([3, 0, 0, 3, 0, 2, 0, 4, 7, 7], [5, 2]);
    const grid = await pairsGrid(latents, z, { columns: 3, of });
    expect(shown(grid).map((row) => row.map((place) => place.map((x) => Number(x.toFixed(4)))))).toEqual([
      [
        [3, 0],
        [2.1213, 2.1213],
        [0, 3],
      ],
      [
        [0, 2],
        [0, 3],
        [0, 4],
      ],
    ]);
    expect(grid).toMatchObject({ about: { pairs: 2 }, caption: "2 interpolations between latents of a test" });
    await expect(pairsGrid(latents, tf.zeros([1, 2]), { columns: 3, of })).rejects.toThrow(/needs two/);
  });

  it("move one coordinate of one latent in each row", async () => {
    const z = { z1: tf.tensor2d([[1, 2]]), z2: tf.tensor2d([[5]]) };
    const grid = await traversalGrid(latents, z, { n: 2, columns: 3, range: 0.5, of });
    expect(shown(grid)).toEqual([
      [
        [0.5, 2, 5],
        [1, 2, 5],
        [1.5, 2, 5],
      ],
      [
        [1, 1.5, 5],
        [1, 2, 5],
        [1, 2.5, 5],
      ],
    ]);
    expect(grid.caption).toBe("coordinates z1[0] to z1[1] from -0.5 to 0.5 around a latent of a test");
  });

  it("show a latent, then draws of some of its layers with the others held", async () => {
    const request = { columns: 3, key: random.key(0), of };
    const each = shown(await layersGrid(latents, makeLayers(), { ...request, groups: undefined }));
    const row = (held: readonly number[], drawn: readonly number[]) => [held, drawn, drawn];
    expect(each).toEqual([
      row([1, 2, 5], [9, 9, 5]),
      row([1, 2, 5], [1, 2, 9]),
      row([3, 4, 6], [9, 9, 6]),
      row([3, 4, 6], [3, 4, 9]),
    ]);
    const both = await layersGrid(latents, makeLayers(), { ...request, groups: [["z1", "z2"]] });
    expect(shown(both)).toEqual([row([1, 2, 5], [9, 9, 9]), row([3, 4, 6], [9, 9, 9])]);
    expect(both.caption).toBe("2 latents of a test, each first, then with z1 and z2 drawn anew");
  });

  it("of layers are refused where there is one, and for a layer that is not there", async () => {
    const request = { columns: 3, key: random.key(0), of };
    const vector: TensorTree = tf.zeros([1, 2]);
    await expect(layersGrid(latents, vector, { ...request, groups: undefined })).rejects.toThrow(/have one layer/);
    await expect(layersGrid(latents, makeLayers(), { ...request, groups: [["z3"]] })).rejects.toThrow(
      /no layer "z3"; they have z1, z2/,
    );
  });

  it("leave the latents to their owner and no other tensor behind", async () => {
    const z = makeLayers();
    const before = tf.memory().numTensors;
    const grid = await layersGrid(latents, z, { groups: undefined, columns: 3, key: random.key(0), of });
    tree.dispose(grid.observations);
    expect(tf.memory().numTensors).toBe(before);
  });
});
