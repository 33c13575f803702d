/**
 * Upright pictures: all orientations as sharp turns them, transparency beside the colours on white.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { random } from "@ergodic/tensor";
import sharp from "sharp";
import "@tensorflow/tfjs-backend-cpu";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readUpright } from "../src/images/upright.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ergodic-upright-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const noise = (width: number, height: number, channels: 1 | 3 | 4) =>
  sharp(Buffer.from(random.integers(random.key("pixels"), [width * height * channels], { high: 256 }).dataSync()), {
    raw: { width, height, channels },
  });

describe("readUpright", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("turns orientation %i", async (orientation) => {
    const path = join(folder, `${orientation}.webp`);
    await noise(5, 3, 3).webp({ lossless: true }).withMetadata({ orientation }).toFile(path);
    const { data, info } = await sharp(path).autoOrient().removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const { pixels, width, height, alpha } = await readUpright(path);
    expect([width, height]).toEqual([info.width, info.height]);
    expect([...pixels]).toEqual([...data]);
    expect(alpha).toBeUndefined();
  });

  it("keeps transparency, and lays colours on white", async () => {
    const path = join(folder, "clear.png");
    const bytes = Buffer.from([200, 100, 0, 255, 200, 100, 0, 0, 200, 100, 0, 51]);
    await sharp(bytes, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toFile(path);
    const { pixels, alpha } = await readUpright(path);
    expect([...alpha!]).toEqual([255, 0, 51]);
    expect([...pixels]).toEqual([200, 100, 0, 255, 255, 255, 244, 224, 204]);
  });

  it("reads grey as one channel", async () => {
    const path = join(folder, "grey.png");
    await noise(4, 2, 1).toColourspace("b-w").png().toFile(path);
    expect(await readUpright(path)).toMatchObject({ width: 4, height: 2, channels: 1 });
  });

  it("refuses what is no image", async () => {
    const path = join(folder, "text.png");
    await writeFile(path, "no picture");
    await expect(readUpright(path)).rejects.toThrow(/text.png cannot be read/);
  });
});
