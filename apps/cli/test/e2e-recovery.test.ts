/** What is drawn from a run of recovery likelihood, end to end: fills of pictures, blends of noise. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodePng } from "@ergodic/formats";
import { beforeAll, expect, it } from "vitest";
import { emptyFolder, ergodic, names } from "./support.js";

let folder = "";

/** A grey picture of 8 x 8 whose lower half has the shade `below`. */
const halves = (above: number, below: number) =>
  encodePng({
    width: 8,
    height: 8,
    channels: 1,
    pixels: Uint8Array.from({ length: 64 }, (_, i) => (i < 32 ? above : below)),
  });

beforeAll(async () => {
  folder = await emptyFolder();
  const sizes = ["channels=4", "blocks=1", "steps=1", "levels=2", "examples=8"].map((set) => `options.${set}`);
  const training = ["iterations=1", "batchSize=4", "sampleCount=4"].map((set) => `training.${set}`);
  const settings = [...sizes, ...training].flatMap((set) => ["--set", set]);
  const { code } = await ergodic(folder, "train", "recovery/digits-8", ...settings, "--no-evaluate", "--out", "run");
  expect(code).toBe(0);
  await writeFile(join(folder, "digit.png"), await halves(0, 200));
  await writeFile(join(folder, "hole.png"), await halves(0, 255));
  await writeFile(join(folder, "dark.png"), await halves(0, 0));
});

it("fills the light part of a mask in a picture", async () => {
  const asked = ["--image", "digit.png", "--columns", "2", "--out", "filled.png"];
  const { code, stdout } = await ergodic(folder, "inpaint", "run", "--mask", "hole.png", ...asked);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^2 fills of an image, 1 picture in digit\.png, 8 x 8 x 1, iteration 1: filled\.png/);
  expect(names(folder)).toContain("filled.png");
  const { code: refused, stderr } = await ergodic(folder, "inpaint", "run", "--mask", "dark.png");
  expect([refused, stderr]).toEqual([1, expect.stringContaining("no light pixel")]);
});

it("blends the random numbers of samples", async () => {
  const { code, stdout } = await ergodic(folder, "interpolate", "run", "--kind", "noise", "-n", "2", "--columns", "3");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^2 rows between two samples, iteration 1: run\/samples\/noise-0\.png/);
  expect(names(folder, "run", "samples")).toContain("noise-0.png");
});
