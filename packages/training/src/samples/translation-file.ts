/** Pictures of translations: examples of each side, raw, refined, and brought back. */
import * as tf from "@tensorflow/tfjs-core";
import { encodePng } from "@ergodic/formats";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { disposeTensors } from "../dispose.js";
import type { LearnerState, Translation, TranslationSide } from "../learner.js";
import { imageGridPng } from "./image-grid.js";
import type { Pictures } from "./pictures.js";
import type { SampleFile } from "./sample-file.js";
import { scatterPicture } from "./scatter-picture.js";

/** Images, or frames, in a row. */
const across = 12;

/** Points in a picture. */
const mostPoints = 1_000;

const sides = ["x", "y"] as const;
const other = (side: TranslationSide): TranslationSide => (side === "x" ? "y" : "x");

/**
 * The file of translations of a batch:
 *
 * - Images are rows: examples of x, their raw translations, these refined, and brought back; then
 *   the same of y. Frames of sequences lie one after the other in a row.
 * - Points are one scatter plot of raw translations to y, with the points of y below.
 */
export async function translationFile<S extends LearnerState, Batch>(
  translation: Translation<S, Batch>,
  state: S,
  batch: Batch,
  key: Key,
): Promise<SampleFile> {
  const seen = translation.observe(batch);
  const most = seen.x.rank >= 4 ? across : mostPoints;
  const examples = { x: firstFrames(seen.x, most), y: firstFrames(seen.y, most) };
  const made: tf.Tensor[] = [];
  try {
    for (const from of sides) {
      const to = other(from);
      const how = (steps: number, side: TranslationSide) => ({ to: side, steps, key: random.fold(key, steps) });
      const raw = await translation.translate(state, examples[from], how(0, to));
      const refined = await translation.translate(state, examples[from], how(translation.steps, to));
      made.push(raw, refined, await translation.translate(state, raw, how(0, from)));
    }
    const [toY, refinedY, backX, toX, refinedX, backY] = made as [
      ...[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor],
    ];
    if (examples.x.rank !== 4)
      return png(await encodePng(scatterPicture([await onHost(toY), await onHost(examples.y)])));
    const rows = [examples.x, toY, refinedY, backX, examples.y, toX, refinedX, backY];
    const channels = Math.max(...rows.map(({ shape }) => shape[3]!));
    const parts = await Promise.all(rows.map(async (row) => inColour(await onHost(row), channels)));
    const [, height, width] = examples.x.shape;
    return png(
      await imageGridPng(
        {
          values: Float32Array.from(parts.flatMap((part) => [...part])),
          shape: [rows.length * examples.x.shape[0]!, height!, width!, channels],
        },
        examples.x.shape[0],
      ),
    );
  } finally {
    tree.dispose([made, examples] as TensorTree);
    disposeTensors(seen, [batch, state]);
  }
}

const png = (content: Uint8Array): SampleFile => ({ extension: "png", content });

/** The first examples; of sequences `[n, time, ...]` the frames of the first ones. */
function firstFrames(examples: tf.Tensor, most: number): tf.Tensor {
  const { rank, shape } = examples;
  return tf.tidy(() => {
    const frames =
      rank === 3 || rank === 5 ? tf.reshape(examples, [shape[0]! * shape[1]!, ...shape.slice(2)]) : examples;
    return tf.slice(frames, 0, Math.min(most, frames.shape[0]!));
  });
}

const onHost = async (tensor: tf.Tensor): Promise<Pictures> => ({ values: await tensor.data(), shape: tensor.shape });

/** Grey pixels become three equal channels where others have colours. */
function inColour({ values, shape }: Pictures, channels: number): ArrayLike<number> & Iterable<number> {
  const own = shape[3]!;
  const pixels = values.length / own;
  return Float32Array.from({ length: pixels * channels }, (_, i) =>
    Number(values[Math.floor(i / channels) * own + (own === 1 ? 0 : i % channels)]),
  );
}
