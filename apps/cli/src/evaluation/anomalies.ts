/** Finds the anomalies that the user typed or that the experiment names. */
import { statSync } from "node:fs";
import { imageDataset } from "@ergodic/data";
import { images, type FileReport, type WithSettings } from "@ergodic/data/node";
import { collectImages, loadImages, madeImages, type EvaluationPlan, type ImageSize } from "@ergodic/evaluation/model";
import type { Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { sha256OfFile } from "@ergodic/formats/node";
import { CliError } from "../errors.js";
import { withThousands } from "../terminal/format.js";
import { imagePlace, imagesAt, isDatasetName, type PixelRange } from "./image-set.js";

/** The origin of anomalies, as stored in evaluation.json. */
export interface AnomalyOrigin {
  /** The user's text, or where the anomalies are named. */
  readonly given: string;
  /** The hash of the file, if it is one. */
  readonly sha256?: string;
  /** Omitted files, if it is a folder. */
  readonly files?: FileReport;
}

export interface Anomalies {
  readonly origin: AnomalyOrigin;
  readonly data: Dataset<unknown>;
}

/** Generated images by name. A folder of the same name is written with `./`. */
const made: Readonly<Record<string, (typeof madeImages)["noise"]>> = madeImages;

export interface AnomalyRequest {
  /** Default: the anomalies that the experiment names. */
  readonly text?: string | undefined;
  readonly plan: EvaluationPlan;
  /** Maximum number of anomalies. */
  readonly n: number;
  readonly range?: PixelRange | undefined;
  readonly key: Key;
}

/**
 * @throws CliError when there are none
 * @throws ValidationError for images of another size than the test images
 */
export async function anomaliesOf({ text, plan, n, range, key }: AnomalyRequest): Promise<Anomalies> {
  if (text === undefined) {
    if (plan.anomalies !== undefined)
      return { origin: { given: "the experiment's anomalies" }, data: await plan.anomalies.load() };
    throw new CliError(
      "there are no anomalies to find; give --anomalies <images>, or name them in the experiment: evaluation: { anomalies }.",
    );
  }
  const test = await loadImages(plan.test, "test");
  const [, ...size] = test.all().shape as [number, ...ImageSize];
  const data = (description: string, pixels: Uint8Array): Dataset<unknown> =>
    imageDataset({ description, bytes: pixels, imageShape: size });
  const make = Object.hasOwn(made, text) ? made[text] : undefined;
  if (make !== undefined)
    return {
      origin: { given: text },
      data: data(`${withThousands(n)} images of ${text}`, make({ count: n, size, key })),
    };
  const { path } = imagePlace(text);
  const place = isDatasetName(text) ? undefined : statSync(path, { throwIfNoEntry: false });
  const { pictures } = test as Partial<WithSettings>;
  if (place?.isDirectory() && pictures !== undefined) {
    // They become images as the pictures of the test data did.
    const read = await images({ from: path, ...pictures }).load();
    return { origin: { given: text, files: read.files }, data: read };
  }
  const stream = await imagesAt(text, range);
  const pixels = await collectImages(stream, size, n);
  const files = stream.files?.();
  const origin = { given: text, ...(place?.isFile() && { sha256: await sha256OfFile(path) }), ...(files && { files }) };
  return { origin, data: data(stream.description, pixels) };
}
