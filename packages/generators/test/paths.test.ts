/** Interpolations and traversals of latents. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { coordinatesOf, greatCircles, traversals } from "@ergodic/generators";
import { random } from "@ergodic/tensor";

const rowsOf = (x: tf.Tensor): number[][] => tf.reshape(x, [x.shape[0]!, -1]).arraySync() as number[][];
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const length = (a: readonly number[]): number => Math.sqrt(dot(a, a));

beforeAll(() => useEngine("cpu"));

describe("great circles", () => {
  const unit = (seed: string): tf.Tensor => {
    const x = random.normal(random.key(seed), [3, 2, 4]);
    return tf.div(tf.mul(5, x), tf.sqrt(tf.sum(tf.square(x), [1, 2], true)));
  };
  const ends = () => [unit("from"), unit("to")] as const;
  const pathBetween = (): number[][] => rowsOf(greatCircles(...ends(), 5));

  it("keep the length of their ends, and turn by equal angles", () => {
    const found = pathBetween();
    expect(found).toHaveLength(15);
    for (let pair = 0; pair < 3; pair++) {
      const path = found.slice(5 * pair, 5 * pair + 5);
      for (const z of path) expect(length(z)).toBeCloseTo(5, 4);
      const angle = Math.acos(dot(path[0]!, path[4]!) / 25);
      for (let i = 1; i < 5; i++) expect(Math.acos(dot(path[i - 1]!, path[i]!) / 25)).toBeCloseTo(angle / 4, 4);
    }
  });

  it("begin and end at the bits of their ends, pair after pair", () => {
    const found = pathBetween();
    const [from, to] = ends();
    expect([0, 5, 10].map((i) => found[i])).toEqual(rowsOf(from));
    expect([4, 9, 14].map((i) => found[i])).toEqual(rowsOf(to));
  });

  it("are straight through the origin, and between equal ends", () => {
    const a = tf.tensor2d([1, 2, 1, 2, 0, 0], [3, 2]);
    const b = tf.tensor2d([-1, -2, 1, 2, 3, 4], [3, 2]);
    const middles = rowsOf(greatCircles(a, b, 3)).filter((_, i) => i % 3 === 1);
    [0, 0, 1, 2, 1.5, 2].forEach((value, i) => expect(middles.flat()[i]).toBeCloseTo(value, 5));
  });

  it("turn each layer by itself", () => {
    const layers = greatCircles(
      { top: tf.tensor2d([[1, 0]]), bottom: tf.tensor2d([[0, 2]]) },
      { top: tf.tensor2d([[0, 1]]), bottom: tf.tensor2d([[0, 2]]) },
      3,
    );
    expect(rowsOf(layers.top)[1]!.map((x) => x.toFixed(5))).toEqual(["0.70711", "0.70711"]);
    expect(rowsOf(layers.bottom)[1]).toEqual([0, 2]);
  });

  it("need two ends", () => {
    expect(() => greatCircles(...ends(), 1)).toThrow(/places is 1/);
  });
});

describe("traversals", () => {
  const makeLatent = () => ({ bottom: tf.tensor3d([1, 2, 3, 4], [1, 2, 2]), top: tf.tensor2d([[5, 6]]) });

  it("move one coordinate at a time, by equal steps around the latent", () => {
    const z = makeLatent();
    const coordinates = coordinatesOf(z);
    expect(coordinates.map(({ layer, index }) => `${layer}${index}`).join()).toBe(
      "bottom0,bottom1,bottom2,bottom3,top0,top1",
    );
    const found = traversals(z, [coordinates[1]!, coordinates[4]!], { range: 2, places: 3 });
    expect(found.bottom.shape).toEqual([6, 2, 2]);
    expect(rowsOf(found.bottom).map((row) => row[1])).toEqual([0, 2, 4, 2, 2, 2]);
    expect(rowsOf(found.bottom).map((row) => [row[0], row[2], row[3]])).toEqual(Array(6).fill([1, 3, 4]));
    expect(rowsOf(found.top)).toEqual([...Array<number[]>(3).fill([5, 6]), [3, 6], [5, 6], [7, 6]]);
  });

  it("are of one latent", () => {
    expect(() => traversals(tf.zeros([2, 3]), [], { range: 1, places: 3 })).toThrow(/\[2, 3\], expected one latent/);
    expect(() => traversals(tf.zeros([1, 3]), [], { range: 0, places: 3 })).toThrow(/range is 0/);
  });
});
