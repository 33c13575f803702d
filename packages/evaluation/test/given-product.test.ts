/** Scores by products of the engine `onnx`, against those by products of the host. */
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { rowProducts, type RowProduct } from "@ergodic/linear-algebra";
import { random } from "@ergodic/tensor";
import { kernelDistance, manifoldScores, squaredMmd, type MmdEstimator } from "../src/index.js";
import { uniforms } from "./fixtures.js";

const products: Record<string, RowProduct> = { host: rowProducts };

beforeAll(async () => {
  products["engine"] = (await useEngine("onnx")).rowProduct ?? rowProducts;
});

const d = 40;
const key = random.key("given-product");
const real = uniforms(31, 1100 * d);
const fake = uniforms(32, 530 * d).map((u) => 0.05 + u);

const close = (value: number, wanted: number): void =>
  expect(Math.abs(value - wanted)).toBeLessThan(1e-12 * Math.abs(wanted));

describe.each(["host", "engine"])("scores by a given product, of the %s", (name) => {
  it.each([8, 40])("kernel distances of %d subsets", (subsets) => {
    const options = { key, subsets, subsetSize: 260 };
    const wanted = kernelDistance(real, fake, d, options);
    const seen: number[] = [];
    const onProgress = (done: number) => seen.push(done);
    const { value, sd } = kernelDistance(real, fake, d, { ...options, onProgress, product: products[name]! });
    // The distance is a difference of means of the kernel, which are about 1.
    expect(Math.abs(value - wanted.value)).toBeLessThan(1e-12);
    expect(Math.abs(sd - wanted.sd)).toBeLessThan(1e-12);
    expect(seen.at(-1)).toBe(subsets === 40 ? 2 * 1100 + 530 : subsets - 1);
  });

  it.each<MmdEstimator>(["unbiased", "biased", "u-statistic"])("the %s discrepancy", (estimator) => {
    const same = real.subarray(0, 530 * d).map((value) => 2 * value);
    close(squaredMmd(same, fake, d, estimator, products[name]), squaredMmd(same, fake, d, estimator));
  });

  it("scores of balls, ties included", () => {
    expect(manifoldScores(real, fake, d, undefined, undefined, products[name])).toEqual(manifoldScores(real, fake, d));
    const doubled = Float64Array.of(...fake, ...fake);
    const [closed] = manifoldScores(doubled, doubled, d, undefined, undefined, products[name]);
    expect(closed).toMatchObject({ precision: 1, recall: 1, coverage: 1 });
  });
});
