import { totalmem } from "node:os";
import { describe, expect, it } from "vitest";
import { assertFitsMemory, describeBytes, inChunks, machineMemory, random, ValidationError } from "../src/index.js";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";

const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

describe("a request that no memory holds", () => {
  it("is held against the memory there is, to the byte", () => {
    const most = machineMemory();
    expect(most).toBeGreaterThan(2 ** 20);
    expect(most).toBeLessThanOrEqual(totalmem());
    // One byte per row, so the number of rows is the number of bytes.
    const wide = Math.floor(most / 2 ** 10);
    expect(() => assertFitsMemory("rows", [1, wide], 2 ** 10)).not.toThrow();
    expect(message(() => assertFitsMemory("rows", [1, wide + 1], 2 ** 10))).toMatch(
      /^rows of shape \[1,\d+\] takes .* expected at most the .* of memory of this machine; ask for fewer numbers$/,
    );
  });

  it("has no more numbers than an array may have, however small they are", () => {
    expect(message(() => assertFitsMemory("bits", [2 ** 32], 1e-9))).toContain("at most 4294967295 numbers");
  });

  it.each([1e12, 2 ** 53 - 1])("of %d draws is refused before anything is allocated, in every form", (n) => {
    const key = random.key(0);
    const said = /takes .*[GTP]B, expected at most the .* of memory/;
    expect(message(() => random.normal(key, [n]))).toMatch(said);
    expect(message(() => random.uniform(key, [3, n]))).toMatch(said);
    expect(message(() => random.host.normal(key, n))).toMatch(said);
    expect(message(() => random.permutation(key, n))).toMatch(said);
    expect(message(() => random.host.categorical(key, [0.5, 0.5], n))).toMatch(said);
  });

  it("of rows in chunks is refused after the first chunk, which says how large they are, and nothing leaks", async () => {
    await tf.setBackend("cpu");
    const before = tf.memory().numTensors;
    let made = 0;
    const work = inChunks(1e10, { chunk: 10, key: random.key(0) }, async (count) => {
      made += 1;
      return tf.zeros([count, 1000]);
    });
    await expect(work).rejects.toThrow(/a request for 10000000000 rows of shape \[10000000000,1000\] takes 40 TB/);
    expect([made, tf.memory().numTensors]).toEqual([1, before]);
  });
});

describe("bytes in words", () => {
  it.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1 kB"],
    [25_276_510_208, "25.3 GB"],
    [1e21, "1000000 PB"],
  ])("%d", (bytes, text) => expect(describeBytes(bytes)).toBe(text));
});
