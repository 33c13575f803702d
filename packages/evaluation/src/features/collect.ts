/** Features of a stream of images, in bounded memory. */
import type { FileReport } from "@ergodic/data/node";
import { fail, joined } from "@ergodic/tensor";
import type { PixelBatch, ImageStream } from "../images/image-batch.js";
import type { Moments } from "../covariance.js";
import type { Pieces } from "../pieces.js";
import { runningMoments } from "../running-moments.js";
import type { ExtractedFeatures, FeatureExtractor, FeatureProtocol } from "./extractor.js";

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
  options: CollectOptions = {},
): Promise<CollectedFeatures> {
  const range = { from: 0, to: options.limit ?? Infinity };
  return collected(stream, extractor, options, extracted(stream, extractor, range, options.signal));
}

/**
 * The same in pieces, whose names begin with `name`. Undefined if the pieces are only a share.
 *
 * @throws ValidationError also for a stream whose number of images is not known
 */
export async function collectFeaturesInPieces(
  stream: ImageStream,
  extractor: FeatureExtractor,
  { pieces, name, ...options }: CollectOptions & { readonly pieces: Pieces; readonly name: string },
): Promise<CollectedFeatures | undefined> {
  const found = extractedInPieces(stream, extractor, { of: pieces, name, ...options });
  if (pieces.complete) return collected(stream, extractor, options, found);
  for await (const _ of found); // Computes the share.
  return undefined;
}

const expectedOf = ({ count = Infinity }: ImageStream, { limit = Infinity }: CollectOptions): number =>
  Math.min(count, limit);

async function collected(
  stream: ImageStream,
  extractor: FeatureExtractor,
  options: CollectOptions,
  found: AsyncIterable<Extracted>,
): Promise<CollectedFeatures> {
  const { keep = [], onProgress } = options;
  const running = runningMoments(extractor.dimensions);
  const kept = { features: [] as Float32Array[], logits: [] as Float32Array[] };
  if (keep.includes("logits") && extractor.classes === undefined)
    fail(`${extractor.protocol.network} has no logits`, "a classifier", "ask for scores of features");
  const expected = expectedOf(stream, options);
  let grey = false;
  for await (const part of found) {
    grey ||= part.grey;
    running.add(part.features);
    if (keep.includes("features")) kept.features.push(part.features);
    if (keep.includes("logits")) kept.logits.push(part.logits!);
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

interface Extracted extends ExtractedFeatures {
  readonly grey: boolean;
}

interface Range {
  /** A multiple of the stream's unit. */
  readonly from: number;
  readonly to: number;
}

/** The features of the images in a range, batch by batch. */
async function* extracted(
  stream: ImageStream,
  extractor: FeatureExtractor,
  range: Range,
  signal: AbortSignal | undefined,
): AsyncGenerator<Extracted> {
  for await (const images of regrouped(stream, extractor.batchSize, range)) {
    signal?.throwIfAborted();
    yield { ...(await extractor.extract(images)), grey: images.some(({ channels }) => channels === 1) };
  }
}

/** The same of all images. A piece is a few whole batches, so pieces change no number. */
async function* extractedInPieces(
  stream: ImageStream,
  extractor: FeatureExtractor,
  { of, name, ...options }: CollectOptions & { readonly of: Pieces; readonly name: string },
): AsyncGenerator<Extracted> {
  const count = expectedOf(stream, options);
  if (!Number.isFinite(count)) fail(`${stream.description}: their number is not known`, "a number of images", "set n");
  const { batchSize, dimensions } = extractor;
  const unit = leastCommonMultiple(batchSize, stream.unit ?? 1);
  const pieces = of.results({
    name,
    count: Math.ceil(count / unit),
    async compute(i) {
      const range = { from: i * unit, to: Math.min((i + 1) * unit, count) };
      const found: Extracted[] = [];
      for await (const batch of extracted(stream, extractor, range, options.signal)) found.push(batch);
      const rows = (parts: readonly Float32Array[]) => {
        const values = joined(Float32Array, parts);
        return { shape: [range.to - range.from, values.length / (range.to - range.from)], values };
      };
      return {
        features: rows(found.map(({ features }) => features)),
        ...(extractor.classes !== undefined && { logits: rows(found.map(({ logits }) => logits!)) }),
        grey: { shape: [], values: Uint8Array.of(Number(found.some(({ grey }) => grey))) },
      };
    },
  });
  for await (const { features, logits, grey } of pieces) {
    for (let row = 0; row < features.shape[0]!; row += batchSize) {
      const part = (values: Float32Array, width: number) => values.subarray(row * width, (row + batchSize) * width);
      yield {
        features: part(features.values, dimensions),
        ...(logits && { logits: part(logits.values, extractor.classes!) }),
        grey: grey.values[0] === 1,
      };
    }
  }
}

function leastCommonMultiple(a: number, b: number): number {
  let multiple = a;
  while (multiple % b !== 0) multiple += a;
  return multiple;
}

/** Regroups the images in a range so that each group but the last has `size`. */
async function* regrouped(stream: ImageStream, size: number, { from, to }: Range): AsyncGenerator<PixelBatch[]> {
  let group: PixelBatch[] = [];
  let held = 0;
  let at = from;
  for await (const batch of stream.batches(from)) {
    for (let first = 0; first < batch.count && at < to;) {
      const part = Math.min(size - held, batch.count - first, to - at);
      group.push(slice(batch, first, part));
      [first, held, at] = [first + part, held + part, at + part];
      if (held < size) continue;
      yield group;
      [group, held] = [[], 0];
    }
    if (at >= to) break;
  }
  if (held > 0) yield group;
}

function slice(batch: PixelBatch, from: number, count: number): PixelBatch {
  const size = batch.height * batch.width * batch.channels;
  return { ...batch, count, pixels: batch.pixels.subarray(from * size, (from + count) * size) };
}
