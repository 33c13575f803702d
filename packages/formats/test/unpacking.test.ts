/** Unpacking: whole data, bounds, damaged data, and errors of the source. */
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { fail, ValidationError } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { isGzip, sha256, unpacked, unpackedChunks, type Packing } from "../src/index.js";

const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 7);
const pack: Readonly<Record<Packing, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => gzipSync(bytes),
  zlib: (bytes) => deflateSync(bytes),
  deflate: (bytes) => deflateRawSync(bytes),
};

describe.each(["gzip", "zlib", "deflate"] as const)("%s", (packing) => {
  const packed = pack[packing](content);

  it("comes back", async () => {
    expect(Buffer.compare(await unpacked(packed, "x", () => content.length, packing), content)).toBe(0);
    expect(isGzip(packed)).toBe(packing === "gzip");
  });

  it("is refused beyond its bound, and where it is cut or damaged", async () => {
    await expect(unpacked(packed, "x", () => content.length - 1, packing)).rejects.toThrow(
      `x unpacks to more than ${content.length - 1} bytes`,
    );
    const damaged = Uint8Array.from(packed).fill(255, packed.length >> 1, (packed.length >> 1) + 20);
    for (const wrong of [packed.subarray(0, packed.length >> 1), damaged, new Uint8Array(0)])
      await expect(unpacked(wrong, "x", () => Infinity, packing)).rejects.toThrow(
        new RegExp(`x does not unpack \\(.+\\), expected whole ${packing} data`),
      );
  });

  it("passes on the error of its source, and frees a source that is not read to its end", async () => {
    let freed = 0;
    async function* source(breaks: boolean): AsyncGenerator<Uint8Array> {
      try {
        for (let at = 0; at < packed.length; at += 100) {
          if (breaks && at > 0) fail("the disk is gone", "a disk");
          yield await Promise.resolve(packed.subarray(at, at + 100));
        }
      } finally {
        freed += 1;
      }
    }
    const all = async () => {
      for await (const _ of unpackedChunks(source(true), packing, "x"));
    };
    await expect(all()).rejects.toThrow(ValidationError);
    await expect(all()).rejects.toThrow("the disk is gone");
    expect(freed).toBe(2);
    for await (const piece of unpackedChunks(source(false), packing, "x")) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(freed).toBe(3);
  });
});

// printf abc | sha256sum
it("sha256 is that of the standard's example", async () => {
  expect(await sha256(new TextEncoder().encode("abc"))).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});
