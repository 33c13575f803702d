/**
 * `ergodic translate`: sizes, names, transparency, orientation, broken files, and one direction
 * alone.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edges } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { restorePart, restoreRun } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../src/program.js";
import preset from "../src/presets/cyclecoop/mnist-edges.js";
import { resultNames } from "../src/runs/run-translation.js";

let root: string;
const at = (...path: string[]): string => join(root, ...path);
const small = ["energyWidths=[2,2,2]", "width=2", "blocks=1", "steps=2", "examples=200", "pairs=20"];

beforeAll(async () => {
  await useEngine("onnx");
  root = await mkdtemp(join(tmpdir(), "ergodic-translate-"));
  for (const [name, ...more] of [["run"], ["local", "energyHead=local"]] as const) {
    const options = [...small, ...more].map((set) => `options.${set}`);
    const sets = [...options, "training.iterations=2", "training.batchSize=8"].flatMap((set) => ["--set", set]);
    const code = await run(["train", "cyclecoop/mnist-edges", "--out", at(name), "-q", "--no-evaluate", ...sets]);
    expect(code).toBe(0);
  }
});
afterAll(() => rm(root, { recursive: true, force: true }));

const translateBy = (model: string, pictures: string, out: string, ...more: string[]) =>
  run(["translate", at(model), at(pictures), "--out", at(out), "-q", "--json", ...more]);
const translate = (pictures: string, out: string, ...more: string[]) => translateBy("run", pictures, out, ...more);

/** Random pixels of a picture. */
const noise = (width: number, height: number, channels: 1 | 3 | 4) =>
  sharp(Buffer.from(random.integers(random.key("pixels"), [width * height * channels], { high: 256 }).dataSync()), {
    raw: { width, height, channels },
  });

const pixelsOf = async (path: string) => sharp(path).raw().toBuffer({ resolveWithObject: true });

describe("ergodic translate", () => {
  it("keeps sizes, folders, names, transparency and orientation, and goes on after broken files", async () => {
    await mkdir(at("in", "video"), { recursive: true });
    await noise(28, 28, 1).png().toFile(at("in", "grey.png"));
    await noise(30, 21, 4).png().toFile(at("in", "clear.png"));
    await noise(24, 16, 3).withMetadata({ orientation: 6 }).jpeg().toFile(at("in", "turned.jpg"));
    for (const frame of ["f-01", "f-02", "f-10"])
      await noise(28, 28, 3)
        .png()
        .toFile(at("in", "video", `${frame}.png`));
    await writeFile(at("in", "broken.png"), Buffer.from("89504e470d0a1a0a00", "hex"));
    expect(await translate("in", "raw", "--direction", "a2b")).toBe(1);
    expect((await readdir(at("raw"))).sort()).toEqual(["clear.png", "grey.png", "turned.png", "video"]);
    expect((await readdir(at("raw", "video"))).sort()).toEqual(["f-01.png", "f-02.png", "f-10.png"]);
    const clear = await pixelsOf(at("raw", "clear.png"));
    expect([clear.info.width, clear.info.height, clear.info.channels]).toEqual([30, 21, 4]);
    const original = await pixelsOf(at("in", "clear.png"));
    const alpha = (data: Buffer) => Array.from(data).filter((_, i) => i % 4 === 3);
    expect(alpha(clear.data)).toEqual(alpha(original.data));
    const turned = await sharp(at("raw", "turned.png")).metadata();
    expect([turned.width, turned.height, turned.orientation]).toEqual([16, 24, undefined]);
  });

  it("refines pictures of the size of training, and names those of other sizes", async () => {
    expect(await translate("in", "refined", "--direction", "a2b", "--refine", "3")).toBe(1);
    expect((await readdir(at("refined"))).sort()).toEqual(["grey.png", "video"]);
    const [raw, refined] = [await pixelsOf(at("raw", "grey.png")), await pixelsOf(at("refined", "grey.png"))];
    expect(raw.data.equals(refined.data)).toBe(false);
    expect(await translate("in/grey.png", "again", "--direction", "a2b")).toBe(0);
    expect((await pixelsOf(at("again", "grey.png"))).data.equals(raw.data)).toBe(true);
    expect(await translate("in/grey.png", "back", "--direction", "b2a", "--refine")).toBe(0);
  });

  it("refines pictures of any size by an energy with a local head", async () => {
    for (const steps of ["0", "3"]) {
      const out = `local-${steps}`;
      expect(await translateBy("local", "in/clear.png", out, "--direction", "a2b", "--refine", steps)).toBe(0);
      const { info } = await pixelsOf(at(out, "clear.png"));
      expect([info.width, info.height]).toEqual([30, 21]);
    }
    const [raw, refined] = [await pixelsOf(at("local-0", "clear.png")), await pixelsOf(at("local-3", "clear.png"))];
    expect(raw.data.equals(refined.data)).toBe(false);
  });

  it("refuses what is not there, and another direction", async () => {
    expect(await translate("nowhere", "x", "--direction", "a2b")).toBe(1);
    expect(await translate("in", "x", "--direction", "a2c")).toBe(2);
    expect(await translate("in", "x")).toBe(2);
  });

  it("gives results of one name their whole names", () => {
    expect(resultNames(["a.jpg", "a.png", "b/a.gif", "c"])).toEqual(["a.jpg.png", "a.png.png", "b/a.png", "c.png"]);
  });
});

describe("restorePart", () => {
  const folder = () => at("run");

  it("has the parameters of the whole run, of the asked paths alone", async () => {
    const whole = await restoreRun({ experiment: preset as never, folder: folder() });
    const { params, iteration } = await restorePart({ folder: folder(), paths: ["translators.toY", "energyY"] });
    expect(iteration).toBe(2);
    const { translators, energyY } = params as { translators: Record<string, TensorTree>; energyY: TensorTree };
    expect(Object.keys(params)).toEqual(["translators", "energyY"]);
    expect(Object.keys(translators)).toEqual(["toY"]);
    const numbers = (of: TensorTree) => tree.leaves(of).flatMap((leaf) => [...leaf.dataSync()]);
    const all = whole.state.params as unknown as { translators: { toY: TensorTree }; energyY: TensorTree };
    expect(numbers(translators["toY"]!)).toEqual(numbers(all.translators.toY));
    expect(numbers(energyY)).toEqual(numbers(all.energyY));
    whole.dispose();
  });

  it("names what it does not find", async () => {
    await expect(restorePart({ folder: folder(), paths: ["energyZ"] })).rejects.toThrow(/no parameters energyZ/);
    const wrong = restorePart({ folder: folder(), paths: ["energyY"], iteration: 7 });
    await expect(wrong).rejects.toThrow(/holds no checkpoint/);
  });

  it("refuses a damaged file", async () => {
    await run(["train", "--resume", folder(), "-q", "--no-evaluate", "--set", "training.iterations=3"]);
    await writeFile(join(folder(), "checkpoints", "3", "tensors.safetensors"), "cut");
    await expect(restorePart({ folder: folder(), paths: ["energyY"] })).rejects.toThrow(/does not match its checksum/);
  });
});

it("never shows training a pair, nor either side of one that is kept for evaluation", async () => {
  const options = preset.options.parse({ examples: 60, pairs: 20 });
  const data = await preset.data(options).load();
  const batches = data.batches({ batchSize: 20, key: random.key(0) });
  const digest = (images: { dataSync(): ArrayLike<number> }, size: number) => {
    const values = Array.from(images.dataSync());
    return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size).join());
  };
  const seen = { x: new Set<string>(), y: new Set<string>() };
  for (let i = 0; i < 5; i++) {
    const { x, y } = batches.at(i) as never as Record<"x" | "y", { images: never }>;
    digest(x.images, 784).forEach((one) => seen.x.add(one));
    digest(y.images, 784).forEach((one) => seen.y.add(one));
  }
  const kept = (await preset.evaluation(options)!.pairs.load()).take(Int32Array.from({ length: 20 }, (_, i) => i));
  for (const side of ["x", "y"] as const)
    for (const one of digest(kept[side].images, 784)) expect(seen[side].has(one)).toBe(false);
  // The edges of the digits on side x are not on side y.
  for (const text of seen.x) {
    const image = tf.tensor4d(text.split(",").map(Number), [1, 28, 28, 1]);
    const [counterpart] = digest(edges(image), 784);
    expect(seen.y.has(counterpart!)).toBe(false);
  }
});
