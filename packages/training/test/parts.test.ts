import * as tf from "@tensorflow/tfjs-core";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { closestName, movingAverage, RunFolderError } from "../src/index.js";
import { readMetrics } from "../src/entries/node.js";
import { folderError, removeFolderWhole, removeTemporary, writeRunFile, writeRunFolder } from "../src/files.js";
import { appendMetrics, truncateMetrics } from "../src/metrics.js";
import { rateMeter } from "../src/progress.js";
import { runKeys } from "../src/session.js";
import { editDistance } from "../src/suggest.js";
import { random } from "@ergodic/tensor";
import { temporaryFolder } from "./temporary-folder.js";

describe.each(["cpu", "onnx"] as const)("movingAverage on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("is the recursion a' = d a + (1 - d) p, and forgets the start early on", async () => {
    const averaging = movingAverage(0.5);
    const before = tf.memory().numTensors;
    let expected = 8;
    let average = averaging.start({ p: tf.tensor1d([8]) });
    for (let t = 1; t <= 20; t++) {
      const params = { p: tf.tensor1d([t]) };
      const next = await averaging.next(average, params, t);
      tf.dispose([average as tf.TensorContainer, params]);
      average = next;
      const d = Math.min(0.5, (1 + t) / (10 + t));
      expected = d * expected + (1 - d) * t;
    }
    const { p } = average as { p: tf.Tensor };
    expect((await p.data())[0]).toBeCloseTo(expected, 4);
    p.dispose();
    expect(tf.memory().numTensors - before).toBe(1);
    await averaging.dispose();
  });
});

describe("the keys of a run", () => {
  it("are fold(fold(key(seed), iterations), t), and all different", () => {
    const keys = runKeys(7);
    const words = [keys.init, keys.data, keys.show, keys.iteration(0), keys.iteration(1), runKeys(8).init];
    const drawn = words.map((key) => random.host.normal(key, 4).join());
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(random.host.normal(keys.iteration(3), 4)).toEqual(
      random.host.normal(random.fold(random.fold(random.key(7), 2), 3), 4),
    );
  });
});

describe("files", () => {
  it("appear whole or not at all", async () => {
    const folder = await temporaryFolder();
    await writeRunFile(join(folder, "a"), "1");
    await writeRunFile(join(folder, "a"), "2");
    await writeRunFolder(join(folder, "b"), { x: "1", y: Uint8Array.of(1) });
    expect(await readdir(folder)).toEqual(["a", "b"]);
    // Renaming onto a non-empty folder fails. The old folder stays and no temporary files are left.
    await expect(writeRunFolder(join(folder, "b"), { z: "1" })).rejects.toThrow(RunFolderError);
    await mkdir(join(folder, "taken"));
    await expect(writeRunFile(join(folder, "taken"), "1")).rejects.toThrow(/a folder of that name is in the way/);
    expect(await readdir(join(folder, "b"))).toEqual(["x", "y"]);
    await removeFolderWhole(join(folder, "b"));
    expect(await readdir(folder)).toEqual(["a", "taken"]);
  });

  it("that a killed process left unfinished are removed, nothing else", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, ".tmp-12-7"));
    await writeFile(join(folder, ".tmp-12-7", "x"), "");
    await writeFile(join(folder, ".gitignore"), "");
    await removeTemporary(folder);
    expect(await readdir(folder)).toEqual([".gitignore"]);
  });

  it.each([
    ["ENOSPC", /the disk is full \(ENOSPC\)/],
    ["EACCES", /permission denied/],
    ["EROFS", /read-only/],
    ["EWEIRD", /answered EWEIRD/],
  ])("fail with one clear message for %s", (code, expected) => {
    const error = folderError("/runs/a", Object.assign(new Error(code), { code, syscall: "write" }));
    expect(error).toBeInstanceOf(RunFolderError);
    expect(error?.message).toMatch(expected);
    expect(error?.remedy).not.toBe("");
  });

  it("leave errors of other kinds alone", () => {
    expect(folderError("/runs/a", new TypeError("x"))).toBeUndefined();
    expect(folderError("/runs/a", Object.assign(new Error("x"), { code: "ERR_SOMETHING" }))).toBeUndefined();
  });
});

describe("metrics.jsonl", () => {
  it("is appended, read past a torn end, and truncated to an iteration", async () => {
    const path = join(await temporaryFolder(), "metrics.jsonl");
    for (const iteration of [1, 2, 3]) await appendMetrics(path, { iteration, seconds: iteration, loss: -iteration });
    expect(await readMetrics(path)).toHaveLength(3);
    await writeFile(path, '{"iteration":4,"sec', { flag: "a" });
    expect((await readMetrics(path)).map(({ loss }) => loss)).toEqual([-1, -2, -3]);
    expect(await truncateMetrics(path, 2)).toMatchObject({ last: { iteration: 2, seconds: 2 }, torn: 1 });
    await appendMetrics(path, { iteration: 3, seconds: 9, loss: 0 });
    expect((await readMetrics(path)).map(({ seconds }) => seconds)).toEqual([1, 2, 9]);
    expect(await readMetrics(`${path}.none`)).toEqual([]);
  });
});

describe("rateMeter", () => {
  it("leaves out the first iteration, which compiles, as soon as there is another", () => {
    let now = 0;
    const meter = rateMeter(() => now);
    now = 5000;
    expect(meter.tick()).toBeCloseTo(0.2);
    now = 5100;
    expect(meter.tick()).toBeCloseTo(10);
    now = 5300;
    expect(meter.tick()).toBeCloseTo(20 / 3);
  });
});

describe("closestName", () => {
  it("finds what was meant, and nothing when nothing is near", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("mnist", "mnsit")).toBe(1);
    expect(closestName("latent-prior/mnsit", ["latent-prior/mnist", "quickstart"])).toBe("latent-prior/mnist");
    expect(closestName("banana", ["quickstart"])).toBeUndefined();
    expect(closestName("x", [])).toBeUndefined();
  });
});
