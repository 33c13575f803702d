/** Requests in parts, and scalars as numbers. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, it } from "vitest";
import { inChunks, random, readScalars, ValidationError, type Key } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("a request in chunks", () => {
  const key = random.key(1);
  const rows = async (count: number, part: Key): Promise<tf.Tensor> => random.normal(part, [count, 2]);

  it("joins what each chunk's own key makes, and keeps nothing else", async () => {
    const before = tf.memory().numTensors;
    const joined = await inChunks(5, { chunk: 2, key }, rows);
    expect(tf.memory().numTensors).toBe(before + 1);
    const expected = [2, 2, 1].map((count, i) => random.normal(random.fold(key, 2 * i), [count, 2]));
    expect([...joined.dataSync()]).toEqual(expected.flatMap((part) => [...part.dataSync()]));
    tf.dispose([joined, expected]);
  });

  it("joins trees leaf by leaf", async () => {
    const before = tf.memory().numTensors;
    const joined = await inChunks(3, { chunk: 2, key }, async (count, part) => ({
      rows: await rows(count, part),
      numbers: [tf.fill([count], count)],
    }));
    expect(tf.memory().numTensors).toBe(before + 2);
    const alone = await inChunks(3, { chunk: 2, key }, rows);
    expect([...joined.rows.dataSync()]).toEqual([...alone.dataSync()]);
    expect([...joined.numbers[0]!.dataSync()]).toEqual([2, 2, 1]);
    tf.dispose([joined.rows, joined.numbers, alone]);
  });

  it("frees what was made when a part fails, and refuses to make nothing", async () => {
    const before = tf.memory().numTensors;
    const failing = async (count: number, part: Key): Promise<tf.Tensor> => {
      if (count === 1) throw new Error("no more");
      return rows(count, part);
    };
    await expect(inChunks(5, { chunk: 2, key }, failing)).rejects.toThrow("no more");
    expect(tf.memory().numTensors).toBe(before);
    await expect(inChunks(0, { chunk: 2, key }, rows)).rejects.toThrow(ValidationError);
  });
});

it("scalars are read by name and disposed", async () => {
  const before = tf.memory().numTensors;
  expect(await readScalars({ loss: tf.scalar(2.5), count: tf.scalar(3, "int32") })).toEqual({ loss: 2.5, count: 3 });
  expect(tf.memory().numTensors).toBe(before);
});
