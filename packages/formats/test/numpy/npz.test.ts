/** NumPy's archives: golden files of NumPy, exact round trips, and damaged files. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNpz, writeNpz } from "../../src/entries/node.js";
import { formatNpy, parseNpy, readZip, writeZip } from "../../src/index.js";
import { deflated } from "../zip/deflated-zip.js";

// import numpy as np, io, base64; b = io.BytesIO()
// np.savez_compressed(b, mu=np.array([0.5, -1.25, 3]),
//   sigma=np.array([[2, .5, 0], [.5, 3, 1], [0, 1, 4]], dtype=np.float32),
//   feats=np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
//   big=np.array([1, -2, 70000], dtype=">i4"),
//   arr_0=np.arange(6, dtype=np.uint8).reshape(1, 2, 3, 1), count=np.int64(50000))
// print(base64.b64encode(b.getvalue()).decode())
const fromNumpy = Buffer.from(
  "UEsDBC0AAAAIAAAAIQCavVY6//////////8GABQAbXUubnB5AQAQAJgAAAAAAAAAUAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuBjB4YA+hv+yH0BwOAFBLAwQtAAAACAAAACEA66gwu///////////CQAUAHNpZ21hLm5weQEAEACkAAAAAAAAAFoAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNmoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaxjoKxpo6CrUKZAMuBgYGByC2Z4AAIO0A5DdA+SC6wQEAUEsDBC0AAAAIAAAAIQC4Hljr//////////8JABQAZmVhdHMubnB5AQAQAEABAAAAAAAAiQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CsY6CiaaOgq1CmQCLgYUoOEAoQWgtAGUVoDSJlD6gz2E1oLyRaC0IZRWgtKmUJoBSutAaQkobQSlVaC0GZTmgNJ6UFoGShtDaTUobe4AAFBLAwQtAAAACAAAACEA9a3CqP//////////BwAUAGJpZy5ucHkBABAAjAAAAAAAAABRAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6XaaKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GBgbG/////2NgFCwAAFBLAwQtAAAACAAAACEAb2XH6v//////////CQAUAGFycl8wLm5weQEAEACGAAAAAAAAAFIAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjoKRjoKxjoKhpo6CrUKZAAuBkYmZhZWAFBLAwQtAAAACAAAACEA6sfmzv//////////CQAUAGNvdW50Lm5weQEAEACIAAAAAAAAAEcAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoa6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkamjoKtQoUAa6AwwxgAABQSwECLQMtAAAACAAAACEAmr1WOlAAAACYAAAABgAAAAAAAAAAAAAAgAEAAAAAbXUubnB5UEsBAi0DLQAAAAgAAAAhAOuoMLtaAAAApAAAAAkAAAAAAAAAAAAAAIABiAAAAHNpZ21hLm5weVBLAQItAy0AAAAIAAAAIQC4HljriQAAAEABAAAJAAAAAAAAAAAAAACAAR0BAABmZWF0cy5ucHlQSwECLQMtAAAACAAAACEA9a3CqFEAAACMAAAABwAAAAAAAAAAAAAAgAHhAQAAYmlnLm5weVBLAQItAy0AAAAIAAAAIQBvZcfqUgAAAIYAAAAJAAAAAAAAAAAAAACAAWsCAABhcnJfMC5ucHlQSwECLQMtAAAACAAAACEA6sfmzkcAAACIAAAACQAAAAAAAAAAAAAAgAH4AgAAY291bnQubnB5UEsFBgAAAAAGAAYARQEAAHoDAAAAAA==",
  "base64",
);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "npz-"));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (name: string, bytes: Uint8Array): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
};

describe("npz", () => {
  it("reads what numpy writes: compressed, either order of bytes and of axes, integers, scalars", async () => {
    const archive = await openNpz(await written("numpy.npz", fromNumpy));
    expect(archive.names).toEqual(["mu", "sigma", "feats", "big", "arr_0", "count"]);
    expect(await archive.array("mu")).toEqual({ shape: [3], values: Float64Array.of(0.5, -1.25, 3) });
    expect(await archive.array("sigma")).toEqual({
      shape: [3, 3],
      values: Float32Array.of(2, 0.5, 0, 0.5, 3, 1, 0, 1, 4),
    });
    expect(await archive.array("feats")).toEqual({
      shape: [2, 3, 4],
      values: Float64Array.from({ length: 24 }, (_, i) => i),
    });
    expect(await archive.array("big")).toEqual({ shape: [3], values: Int32Array.of(1, -2, 70000) });
    expect(await archive.array("arr_0")).toEqual({ shape: [1, 2, 3, 1], values: Uint8Array.of(0, 1, 2, 3, 4, 5) });
    expect(await archive.array("count")).toEqual({ shape: [], values: Float64Array.of(50000) });
  });

  it("reads what it wrote, byte for byte the same each time", async () => {
    const arrays = {
      mu: { shape: [2], values: Float64Array.of(1 / 3, -2) },
      images: { shape: [1, 2, 2, 1], values: Uint8Array.of(0, 127, 128, 255) },
      count: { shape: [], values: Int32Array.of(7) },
    };
    const [one, two] = [join(folder, "one.npz"), join(folder, "two.npz")];
    await writeNpz(one, arrays);
    await writeNpz(two, arrays);
    expect(await readFile(one)).toEqual(await readFile(two));
    const archive = await openNpz(one);
    for (const [name, array] of Object.entries(arrays)) expect(await archive.array(name)).toEqual(array);
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("names the array that is not there, and those that are", async () => {
    const archive = await openNpz(await written("names.npz", fromNumpy));
    await expect(archive.array("mean")).rejects.toThrow(/has no array mean, expected one of mu, sigma, feats/);
  });

  it("finds every single flipped byte in the data, and every cut", async () => {
    const bytes = writeZip(new Map([["a.npy", formatNpy({ shape: [2], values: Float64Array.of(1, 2) })]]));
    const start = bytes.length - 22 - 51 - 16;
    for (const at of [start, start + 7, start + 15]) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1;
      await expect(readZip(damaged, "x.npz").get("a.npy")!()).rejects.toThrow(
        /x.npz cannot be read: a.npy in it is damaged/,
      );
    }
    for (const length of [0, 10, 40, bytes.length - 23, bytes.length - 1])
      expect(() => readZip(bytes.subarray(0, length), "x.npz")).toThrow(/x.npz cannot be read/);
  });

  it("unpacks a member no further than its size, and none that has more than is of use", async () => {
    const zeros = new Uint8Array(1 << 22);
    const lying = readZip(deflated("a", zeros, { declared: 1000 }), "x.zip").get("a")!;
    await expect(lying()).rejects.toThrow(/a in x.zip unpacks to more than 1000 bytes, expected the size in its/);
    const honest = readZip(deflated("a", zeros), "x.zip").get("a")!;
    await expect(honest(1000)).rejects.toThrow(/a in x.zip has 4194304 bytes, expected at most 1000/);
    expect(await honest(zeros.length)).toHaveLength(zeros.length);
  });

  it("finds members that reach beyond the file, or that their bytes cannot hold", () => {
    const whole = writeZip(new Map([["a", new Uint8Array(64)]]));
    const entry = whole.length - 22 - 47;
    for (const [field, message] of [
      [20, /a in it is cut short/],
      [24, /a in it has 64 bytes, which cannot hold the 1000000 that its directory says/],
    ] as const) {
      const altered = whole.slice();
      new DataView(altered.buffer).setUint32(entry + field, 1_000_000, true);
      expect(() => readZip(altered, "x.zip")).toThrow(message);
    }
  });

  it("refuses objects, text, and what is no archive", async () => {
    const path = await written("text.npz", new TextEncoder().encode("mu, sigma"));
    await expect(openNpz(path)).rejects.toThrow(/no directory at its end/);
    await expect(openNpz(join(folder, "none.npz"))).rejects.toThrow(/none.npz cannot be read \(ENOENT/);
    const npy = Buffer.from(formatNpy({ shape: [1], values: Float64Array.of(1) }));
    const objects = Buffer.from(npy.toString("latin1").replace("'<f8'", "'|O' "), "latin1");
    expect(() => parseNpy(objects, "objects.npy")).toThrow(/objects.npy is described by .*plain numbers, no objects/);
    expect(() => parseNpy(npy.subarray(0, 130), "short.npy")).toThrow(/short.npy has 2 bytes of data, expected 8/);
    expect(() => parseNpy(new Uint8Array(20), "zeros.npy")).toThrow(/does not start as .npy files do/);
  });

  it("refuses to write an array of another size than its shape", () => {
    expect(() => formatNpy({ shape: [2, 2], values: new Float64Array(3) })).toThrow(/3 numbers, expected 4/);
  });
});
