/** Runs of consecutive frames of videos. */
import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { videoFrames } from "../../src/entries/node.js";

let from = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(async () => {
  from = await mkdtemp(join(tmpdir(), "video-"));
});
afterEach(() => rm(from, { recursive: true }));

async function put(frames: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, grey] of Object.entries(frames)) {
    await mkdir(dirname(join(from, name)), { recursive: true });
    await writeFile(join(from, name), `P2\n1 1\n255\n${grey}\n`);
  }
}
const options = { size: 1, grey: true, scale: [0, 255] } as const;

describe("frames of videos", () => {
  it("come in all runs of each folder, never across folders, once in an epoch", async () => {
    await put({
      "a/01.pgm": 1,
      "a/02.pgm": 2,
      "a/inner/1.pgm": 11,
      "a/inner/2.pgm": 12,
      "a/inner/3.pgm": 13,
      "b/09.pgm": 21,
      "b/10.pgm": 22,
    });
    const data = await videoFrames({ from, length: 2, ...options }).load();
    expect(data.size).toBe(4);
    expect(data.description).toMatch(/^4 runs of 2 frames of 7 pictures in /);
    const batches = data.batches({ batchSize: 4, key: random.key(0) });
    for (const epoch of [0, 1]) {
      const { frames } = batches.at(epoch);
      expect(frames.map(({ shape }) => shape)).toEqual([
        [4, 1, 1, 1],
        [4, 1, 1, 1],
      ]);
      const [first, second] = frames.map((frame) => [...frame.dataSync()]);
      const runs = first!.map((value, i) => [value, second![i]]).sort((a, b) => a[0]! - b[0]!);
      expect(runs).toEqual([
        [1, 2],
        [11, 12],
        [12, 13],
        [21, 22],
      ]);
      tf.dispose(frames);
    }
  });

  it("are refused where a video is shorter than a run, or names are not in order", async () => {
    await put({ "a/1.pgm": 1, "a/2.pgm": 2, "a/3.pgm": 3, "b/1.pgm": 1, "b/2.pgm": 1 });
    await expect(videoFrames({ from, ...options }).load()).rejects.toThrow(
      /^the video with b\/1\.pgm has 2 frames, expected at least 3; remove it, or take shorter runs/,
    );
    await put({ "a/10.pgm": 4 });
    await expect(videoFrames({ from, length: 2, ...options }).load()).rejects.toThrow(
      /^a\/10\.pgm comes before a\/2\.pgm, expected frames in the order of their names; give numbers leading zeros/,
    );
    expect(() => videoFrames({ from, length: 0, ...options })).toThrow(/^length is 0/);
    expect(() => videoFrames({ from: "", ...options })).toThrow(/^from is ""/);
  });
});
