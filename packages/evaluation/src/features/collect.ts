/** Features of a stream of images, in bounded memory. */
import type { FileReport } from "@ergodic/data/node";
import { fail, joined } from "@ergodic/tensor";
import type { PixelBatch, ImageStream } from "../images/image-batch.js";
import type { Moments } from "../covariance.js";
import { runningMoments } from "../running-moments.js";
import type { FeatureExtractor, FeatureProtocol } from "./extractor.js";

export interface CollectOptions {
  /**
   * Keeps the outputs of each image beside their mean and covariance: features for KID, precision
   * and recall, logits for Inception Score.
   */
  readonly keep?: readonly ("features" | "logits")[];
  /** Maximum number of images. */
  readonly limit?: number;
  readonly onProgress?: (progress: { readonly images: number; readonly of?: number }) => void;
  readonly signal?: AbortSignal;
}

export interface CollectedFeatures {
  readonly moments: Moments;
  /** `[count, dimensions]`, if kept. */
  readonly features?: Float32Array;
  /** `[count, classes]`, if kept. */
  readonly logits?: Float32Array;
  readonly protocol: ImageProtocol;
}

/** A network's protocol, and the treatment of images before the network. */
export interface ImageProtocol extends FeatureProtocol {
  readonly images: string;
  readonly count: number;
  readonly quantisation: "uint8" | "none";
  /** True when grey images were repeated three times. No published numbers do this. */
  readonly grey: boolean;
  /** For image files: files left out, and images of which a part was left out. */
  readonly files?: FileReport;
}

/**
 * Features of all images of a stream: mean and covariance, and the outputs of each image if kept.
 *
 * @throws ValidationError for fewer than 2 images, and as the extractor throws
 */
export async function collectFeatures(
  stream: ImageStream,
  extractor: FeatureExtractor,
  { keep = [], limit = Infinity, onProgress, signal }: CollectOptions = {},
): Promise<CollectedFeatures> {
  const running = runningMoments(extractor.dimensions);
  const kept = { features: [] as Float32Array[], logits: [] as Float32Array[] };
  if (keep.includes("logits") && extractor.classes === undefined)
    fail(`${extractor.protocol.network} has no logits`, "a classifier", "ask for scores of features");
  const expected = Math.min(stream.count ?? Infinity, limit);
  let grey = false;
  for await (const images of regrouped(stream, extractor.batchSize, limit)) {
    signal?.throwIfAborted();
    grey ||= images.some(({ channels }) => channels === 1);
    const found = await extractor.extract(images);
    running.add(found.features);
    if (keep.includes("features")) kept.features.push(found.features);
    if (keep.includes("logits")) kept.logits.push(found.logits!);
    onProgress?.({ images: running.count, ...(Number.isFinite(expected) ? { of: expected } : {}) });
  }
  if (running.count < 2)
    fail(`${stream.description}: ${running.count} images came`, "at least 2", "a mean and covariance need more images");
  return {
    moments: running.moments(),
    ...Object.fromEntries(keep.map((what) => [what, joined(Float32Array, kept[what])])),
    protocol: {
      ...extractor.protocol,
      ...{ images: stream.description, count: running.count, quantisation: stream.quantisation, grey },
      ...(stream.files && { files: stream.files() }),
    },
  };
}

/** Regroups batches so that each but the last has `size` images. */
async function* regrouped(stream: ImageStream, size: number, limit: number): AsyncGenerator<PixelBatch[]> {
  let group: PixelBatch[] = [];
  let held = 0;
  let taken = 0;
  for await (const batch of stream.batches()) {
    for (let from = 0; from < batch.count && taken < limit;) {
      const part = Math.min(size - held, batch.count - from, limit - taken);
      group.push(slice(batch, from, part));
      [from, held, taken] = [from + part, held + part, taken + part];
      if (held < size) continue;
      yield group;
      [group, held] = [[], 0];
    }
    if (taken >= limit) break;
  }
  if (held > 0) yield group;
}

function slice(batch: PixelBatch, from: number, count: number): PixelBatch {
  const size = batch.height * batch.width * batch.channels;
  return { ...batch, count, pixels: batch.pixels.subarray(from * size, (from + count) * size) };
}
