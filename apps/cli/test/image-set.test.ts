/**
 * Images that the user typed: arrays of files chosen by name, and statistics distinguished from
 * images.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256OfFile, writeNpz } from "@ergodic/formats/node";
import { imagePlace, imagesAt, referenceAt } from "../src/evaluation/image-set.js";

let folder = "";
let file = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-set-"));
  file = join(folder, "digits.npz");
  const images = (count: number) => ({ shape: [count, 2, 3], values: new Uint8Array(count * 6) });
  const statistics = {
    mu: { shape: [1], values: Float64Array.of(0) },
    sigma: { shape: [1, 1], values: Float64Array.of(1) },
  };
  await writeNpz(file, { x_train: images(5), x_test: images(2), ...statistics });
  // An existing path with the whole name has priority.
  await mkdir(join(folder, "odd.npz:x"));
  await sharp(new Uint8Array(3), { raw: { width: 1, height: 1, channels: 3 } }).toFile(
    join(folder, "odd.npz:x", "a.png"),
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe("images", () => {
  it("in a file of several arrays are chosen by name", async () => {
    expect((await imagesAt(`${file}:x_test`)).description).toBe(`2 images of 2 x 3 x 1 (x_test in ${file})`);
    await expect(imagesAt(file)).rejects.toThrow(/has 4 arrays: x_train uint8 \[5,2,3\], .*digits\.npz:x_train/);
    await expect(imagesAt(`${file}:x`)).rejects.toThrow(/has no array x, expected one of x_train, x_test, mu, sigma/);
    await expect(imagesAt(`${join(folder, "none.npz")}:x`)).rejects.toThrow(/there is no folder, .npz .* "/);
  });

  it("to compare with are those of the name, and statistics where no name is given", async () => {
    const hash = await sha256OfFile(file);
    const chosen = await referenceAt(`${file}:x_train`);
    expect(chosen).toMatchObject({ given: `${file}:x_train`, sha256: hash, images: { count: 5 } });
    const statistics = { dimensions: 1, mean: Float64Array.of(0), covariance: Float64Array.of(1) };
    expect(await referenceAt(file)).toEqual({ given: file, sha256: hash, images: { statistics } });
  });

  it("lie where the whole text points to, if something is there", async () => {
    const path = join(folder, "odd.npz:x");
    expect(imagePlace(path)).toEqual({ path });
    expect((await imagesAt(path)).count).toBe(1);
    await writeFile(join(folder, "odd.npz"), "");
    expect(imagePlace(`${join(folder, "odd.npz")}:y`)).toEqual({ path: join(folder, "odd.npz"), name: "y" });
  });
});
