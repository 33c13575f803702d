/** Images unlike those a model learned from, by what the user typed or what the experiment names. */
import { existsSync, statSync } from "node:fs";
import { imageDataset, sha256OfFile, type FileReport } from "@ergodic/data";
import type { ImageBatch } from "@ergodic/evaluation";
import { random, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { CliError } from "../errors.js";
import { imagePlace, imagesAt, type PixelRange } from "./image-set.js";
import { loadImages, type EvaluationPlan } from "./plan.js";

export interface Anomalies {
  /** As the user wrote it, or where they are named. */
  readonly given: string;
  /** Of the file, if it is one. */
  readonly sha256?: string;
  /** Of a folder: what was left out. */
  readonly files?: FileReport;
  readonly data: Dataset<unknown>;
}

type Size = readonly [height: number, width: number, channels: number];

interface Made {
  readonly count: number;
  readonly size: Size;
  readonly key: Key;
}

const bytes = (key: Key, shape: readonly number[]): Uint8Array => {
  const drawn = random.integers(key, shape, { high: 256 });
  const values = Uint8Array.from(drawn.dataSync());
  drawn.dispose();
  return values;
};

/** Images that need no data; a folder of the same name is written with `./`. */
const made: Readonly<Record<string, (of: Made) => Uint8Array>> = {
  noise: ({ count, size, key }) => bytes(key, [count, ...size]),
  constant({ count, size: [height, width, channels], key }) {
    const colours = bytes(key, [count, channels]);
    const each = height * width * channels;
    return Uint8Array.from(
      { length: count * each },
      (_, i) => colours[Math.floor(i / each) * channels + (i % channels)]!,
    );
  },
};

export const madeAnomalies = Object.keys(made);

export interface AnomalyRequest {
  /** Default: those that the experiment names. */
  readonly text?: string | undefined;
  readonly plan: EvaluationPlan;
  /** At most. */
  readonly n: number;
  readonly range?: PixelRange | undefined;
  readonly key: Key;
}

/** @throws CliError when there are none, or images of another size than the test images */
export async function anomaliesOf({ text, plan, n, range, key }: AnomalyRequest): Promise<Anomalies> {
  if (text === undefined) {
    if (plan.anomalies !== undefined) return { given: "the experiment's anomalies", data: await plan.anomalies.load() };
    throw new CliError(
      "there are no anomalies to find; give --anomalies <images>, or name them in the experiment: evaluation: { anomalies }.",
    );
  }
  const [, ...size] = (await loadImages(plan.test, "test")).all().shape as [number, ...Size];
  const make = made[text];
  const data = (description: string, pixels: Uint8Array): Dataset<unknown> =>
    imageDataset({ description, bytes: pixels, imageShape: size });
  if (make !== undefined) {
    return { given: text, data: data(`${n} images of ${text}`, make({ count: n, size, key })) };
  }
  const { description, files, pixels } = await collected(text, { n, size, range });
  const { path } = imagePlace(text);
  const file = existsSync(path) && statSync(path).isFile();
  return {
    given: text,
    ...(file && { sha256: await sha256OfFile(path) }),
    ...(files && { files }),
    data: data(description, pixels),
  };
}

async function collected(
  text: string,
  { n, size, range }: { readonly n: number; readonly size: Size; readonly range: PixelRange | undefined },
): Promise<{ description: string; files: FileReport | undefined; pixels: Uint8Array }> {
  const stream = await imagesAt(text, range);
  const parts: Uint8Array[] = [];
  let count = 0;
  for await (const given of stream.batches()) {
    const { pixels, height, width, channels, ...batch } = size[2] === 3 ? inColour(given) : given;
    if (`${[height, width, channels]}` !== `${size}`) {
      throw new CliError(
        `the images of ${text} are ${height} x ${width} x ${channels}, the model's test images ${size.join(" x ")}; bring them to that size.`,
      );
    }
    const taken = Math.min(batch.count, n - count);
    parts.push(Uint8Array.from(pixels.subarray(0, (taken * pixels.length) / batch.count)));
    count += taken;
    if (count === n) break;
  }
  return { description: stream.description, files: stream.files?.(), pixels: Buffer.concat(parts) };
}

/** Grey images as three equal channels. */
function inColour(batch: ImageBatch): ImageBatch {
  const { pixels, channels } = batch;
  if (channels === 3) return batch;
  return {
    ...batch,
    channels: 3,
    pixels: Float32Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)]!),
  };
}
