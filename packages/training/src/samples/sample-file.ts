/** Samples as files: PNG for images and points, text for texts. */
import { encodePng } from "@ergodic/formats";
import { ValidationError } from "@ergodic/tensor";
import { imageGridPng } from "./image-grid.js";
import type { Pictures } from "./pictures.js";
import type { HostSamples } from "./samples.js";
import { scatterPicture } from "./scatter-picture.js";

/** The content of a file, and its extension. */
export type SampleFile =
  { readonly extension: "png"; readonly content: Uint8Array } | { readonly extension: "txt"; readonly content: string };

export type SampleExtension = SampleFile["extension"];

/**
 * The file of samples:
 *
 * - Images are a grid, as square as possible, or with `columns` in a row.
 * - Sequences of images are strips: a row of frames for each sequence.
 * - Points are a scatter plot of their first two coordinates; a single coordinate lies on the
 *   horizontal axis.
 * - Texts are lines, one each. Line breaks inside a text become spaces.
 *
 * @throws ValidationError for shapes that do not fit the kind
 */
export async function sampleFile(
  samples: HostSamples,
  { columns }: { readonly columns?: number | undefined } = {},
): Promise<SampleFile> {
  if (samples.kind === "text") return lines(samples.texts.map(oneLine));
  switch (samples.kind) {
    case "images":
      return png(await imageGridPng(samples, columns));
    case "points":
      return png(await encodePng(scatterPicture([planar(samples)])));
    case "sequences":
      return png(await strips(samples));
  }
}

/** Images of one row of reconstructions. */
const across = 16;

/** Default number of pairs in a file. */
const fewPairs = { images: across, sequences: 8, text: 16 };

/**
 * The file of originals and their reconstructions:
 *
 * - Images are rows of 16, each row of originals above that of their reconstructions.
 * - Sequences are strips, each original above its reconstruction.
 * - Points are one scatter plot, originals below.
 * - Texts are pairs of lines, `data` and `model`.
 *
 * @param most maximum number of pairs. Default: 16 images, 8 sequences, 16 texts. Points are all
 *   shown.
 * @throws ValidationError when kinds or shapes differ
 */
export async function reconstructionFile(
  original: HostSamples,
  reconstruction: HostSamples,
  { most }: { readonly most?: number | undefined } = {},
): Promise<SampleFile> {
  if (original.kind === "text" || reconstruction.kind === "text") {
    if (original.kind !== "text" || reconstruction.kind !== "text")
      throw new ValidationError(
        `reconstruct() returned ${original.kind} and ${reconstruction.kind}; expected one kind for both.`,
      );
    const pairs = original.texts
      .slice(0, most ?? fewPairs.text)
      .map((text, i) => [text, reconstruction.texts[i] ?? ""] as const);
    return lines(pairs.map(([data, model]) => `data   ${oneLine(data)}\nmodel  ${oneLine(model)}\n`));
  }
  if (original.kind !== reconstruction.kind || original.shape.join() !== reconstruction.shape.join())
    throw new ValidationError(
      `reconstruct() returned ${described(original)} and ${described(reconstruction)}; expected equal kinds and shapes.`,
    );
  switch (original.kind) {
    case "points":
      return png(await encodePng(scatterPicture([planar(reconstruction), planar(original)])));
    case "images": {
      const columns = Math.max(1, Math.min(across, most ?? across, original.shape[0] ?? 0));
      return png(
        await imageGridPng(rowsOfPairs(original, reconstruction, { most: most ?? fewPairs.images, columns }), columns),
      );
    }
    case "sequences":
      return png(await strips(rowsOfPairs(original, reconstruction, { most: most ?? fewPairs.sequences, columns: 1 })));
  }
}

const png = (content: Uint8Array): SampleFile => ({ extension: "png", content });

const lines = (texts: readonly string[]): SampleFile => ({
  extension: "txt",
  content: texts.map((text) => `${text}\n`).join(""),
});

/** A text as one line. */
export const oneLine = (text: string): string => text.replace(/[\r\n\u2028\u2029\u0085]+/g, " ");

const described = ({ kind, shape }: Pictures & { readonly kind: string }): string =>
  `${kind} of shape [${shape.join(", ")}]`;

/** The first two coordinates of points `[n, d]`. */
function planar({ values, shape }: Pictures): Pictures {
  const [n = 0, d = 0] = shape;
  if (shape.length !== 2 || d === 0)
    throw new ValidationError(`points have shape [${shape.join(", ")}]; expected [n, d] with d above 0.`);
  if (d === 2) return { values, shape };
  const plane = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    plane[2 * i] = Number(values[i * d]);
    if (d > 1) plane[2 * i + 1] = Number(values[i * d + 1]);
  }
  return { values: plane, shape: [n, 2] };
}

/** A row of frames for each sequence `[n, time, height, width, channels]`. */
function strips({ values, shape }: Pictures): Promise<Uint8Array> {
  const [n = 0, time = 0, ...frame] = shape;
  if (shape.length !== 5 || time === 0)
    throw new ValidationError(
      `sequences have shape [${shape.join(", ")}]; expected [n, time, height, width, 1 | 3 | 4] with at least one frame.`,
    );
  return imageGridPng({ values, shape: [n * time, ...frame] }, time);
}

/**
 * Rows of the first set, each followed by the row of the second, of at most `most` examples. The
 * ends of the last two rows are white.
 */
function rowsOfPairs(a: Pictures, b: Pictures, { most, columns }: { most: number; columns: number }): Pictures {
  const n = Math.min(most, a.shape[0] ?? 0);
  const cells = 2 * Math.ceil(n / columns) * columns;
  const size = sizeOf(a);
  const values = new Float32Array(cells * size).fill(1);
  for (let i = 0; i < n; i++) {
    for (const [which, { values: from }] of [a, b].entries()) {
      const cell = (2 * Math.floor(i / columns) + which) * columns + (i % columns);
      for (let k = 0; k < size; k++) values[cell * size + k] = Number(from[i * size + k]);
    }
  }
  return { values, shape: [cells, ...a.shape.slice(1)] };
}

const sizeOf = ({ shape }: Pictures): number => shape.slice(1).reduce((product, side) => product * side, 1);
