/** Paired, unpaired and withheld combinations of two data sets. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { arrayDataset, paired, unpaired, withheldPairs, type IndexedDataset } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

type Numbers = { n: tf.Tensor };
const source = (size: number, from = 0) => ({
  load: (): Promise<IndexedDataset<Numbers>> =>
    Promise.resolve(
      arrayDataset(`${size} numbers`, {
        n: { values: Int32Array.from({ length: size }, (_, i) => from + i), shape: [size] },
      }),
    ),
});
function read({ x, y }: { x: Numbers; y: Numbers }): [number[], number[]] {
  const values: [number[], number[]] = [[...x.n.dataSync()], [...y.n.dataSync()]];
  tf.dispose([x.n, y.n]);
  return values;
}

describe("paired", () => {
  it("gives both sides in one order", async () => {
    const data = await paired(source(7), source(7, 100)).load();
    const batches = data.batches({ batchSize: 3, key: random.key(0) });
    const seen = [0, 1, 2].flatMap((iteration) => {
      const [x, y] = read(batches.at(iteration));
      expect(y).toEqual(x.map((n) => n + 100));
      return x;
    });
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    await expect(paired(source(7), source(8)).load()).rejects.toThrow(/^x has 7 examples and y has 8/);
  });
});

describe("unpaired", () => {
  it("runs through each side in orders of its own, always as many of one as of the other", async () => {
    const data = await unpaired(source(6), source(4, 100)).load();
    const batches = data.batches({ batchSize: 3, key: random.key(1) });
    expect([data.size, batches.perEpoch]).toEqual([6, 2]);
    const read8 = Array.from({ length: 8 }, (_, iteration) => read(batches.at(iteration)));
    for (const [x, y] of read8) expect([x.length, y.length]).toEqual([3, 3]);
    const [xs, ys] = [read8.flatMap(([x]) => x), read8.flatMap(([, y]) => y)];
    const passes = (values: number[], size: number) =>
      Array.from({ length: 24 / size }, (_, pass) => values.slice(pass * size, (pass + 1) * size));
    for (const pass of passes(xs, 6)) expect([...pass].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const pass of passes(ys, 4)) expect([...pass].sort()).toEqual([100, 101, 102, 103]);
    expect(new Set(passes(ys, 4).map(String)).size).toBeGreaterThan(1);
  });

  it("is the same for an iteration whatever was asked for before", async () => {
    const at = async (...iterations: number[]) => {
      const batches = (await unpaired(source(10), source(10)).load()).batches({ batchSize: 4, key: random.key(2) });
      return iterations.map((iteration) => read(batches.at(iteration))).at(-1);
    };
    const alone = await at(11);
    expect(await at(0, 50, 3, 11)).toEqual(alone);
    expect(await at(10, 12, 11)).toEqual(alone);
  });

  it("pairs independently: over 4,000 draws each of 4 x 4 combinations comes about 250 times", async () => {
    const batches = (await unpaired(source(4), source(4)).load()).batches({ batchSize: 4, key: random.key(3) });
    const counts = new Array<number>(16).fill(0);
    for (let iteration = 0; iteration < 1000; iteration++) {
      const [x, y] = read(batches.at(iteration));
      x.forEach((n, i) => (counts[4 * n + y[i]!]! += 1));
    }
    // Counts are Binomial(1000, 1/4), sd 13.7: five of them, 16 times, false alarm 1e-5.
    for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(5 * 13.7);
  });

  it("refuses batches larger than a side", async () => {
    const data = await unpaired(source(6), source(4)).load();
    expect(() => data.batches({ batchSize: 5, key: random.key(0) })).toThrow(/^batchSize is 5, .*y has 4 examples/);
  });
});

describe("withheldPairs", () => {
  it("lets no withheld example and no pair into training, and uses every example once", async () => {
    const data = await withheldPairs(source(20), source(20, 100), { withheld: 5, seed: 3 }).load();
    const batches = data.batches({ batchSize: 7, key: random.key(0) });
    const [xs, ys] = [new Set<number>(), new Set<number>()];
    for (let iteration = 0; iteration < 10; iteration++) {
      const [x, y] = read(batches.at(iteration));
      x.forEach((n) => xs.add(n));
      y.forEach((n) => ys.add(n - 100));
    }
    const [x, y] = read(data.withheld.take(Int32Array.of(0, 1, 2, 3, 4)));
    expect(y).toEqual(x.map((n) => n + 100));
    expect([xs.size, ys.size, data.withheld.size]).toEqual([8, 7, 5]);
    expect([...xs, ...ys, ...x].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it("refuses to withhold so many that a side is empty", async () => {
    await expect(withheldPairs(source(5), source(5), { withheld: 4 }).load()).rejects.toThrow(
      /^withheld is 4, .*there are 5 pairs/,
    );
    expect(() => withheldPairs(source(5), source(5), { withheld: 0 })).toThrow(/^withheld is 0/);
  });
});
