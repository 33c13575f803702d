/** Implements `ergodic inpaint`. */
import { random, tree, type Key } from "@ergodic/tensor";
import { readSamples, sampleFile } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { CliError, exitCode, type ExitCode } from "../errors.js";
import { readMask } from "../inpainting/masks.js";
import { withThousands } from "../terminal/format.js";
import { jsonResult, result } from "../terminal/output.js";
import { examplesOfRun } from "./examples-of-run.js";
import type { InpaintFlags } from "./flags.js";
import { shownPath } from "./folders.js";
import { openRun } from "./open-run.js";
import { writeSampleFile } from "./write-sample-file.js";

/**
 * Writes rows of an image, its known part, and fills of the rest.
 *
 * @returns failure when a picture could not be read
 * @throws CliError when the model fills nothing, or the data are no images
 */
export async function runInpainting(folder: string, flags: InpaintFlags): Promise<ExitCode> {
  const { image, mask: wanted, n, columns, seed, out } = flags;
  const opened = await openRun(folder, flags);
  const { learner, state, dataset } = opened.run;
  try {
    if (learner.inpaint === undefined)
      throw new CliError(
        "the model of this run fills no images: its learner has no inpaint(). Models of recovery/* and cdrl/* have one.",
      );
    const [examplesKey, fillKey] = random.split<Key>(random.key(seed)) as [Key, Key];
    const examples = await examplesOfRun(opened, { pictures: image, n, key: examplesKey });
    const { images: values } = examples.batch as { readonly images?: tf.Tensor4D };
    if (values === undefined) throw new CliError("the data of this run are no images; inpaint fills images.");
    const [rows, height, width, channels] = values.shape;
    const mask = await readMask(wanted, [height, width, channels], dataset);
    const many = tf.tidy(() => ({
      mask: tf.tile(mask, [rows * columns, 1, 1, 1]),
      values: tf.tile(values, [columns, 1, 1, 1]),
    }));
    const fills = await learner.inpaint(state, many, fillKey);
    const grid = tf.tidy(() => {
      const known = tf.sub(tf.mul(mask, tf.add(values, 1)), 1);
      const shown = tf.clipByValue(tf.reshape(fills, [columns, rows, height, width, channels]), -1, 1);
      const all = tf.concat([tf.stack([values, known]), shown], 0);
      return tf.reshape(tf.transpose(all, [1, 0, 2, 3, 4]), [-1, height, width, channels]);
    });
    const file = await sampleFile(await readSamples(grid, learner.show?.bind(learner)), { columns: columns + 2 });
    tree.dispose([grid, fills, many, mask, examples.batch]);
    const path = await writeSampleFile({ run: opened.run.paths.folder, out, name: `inpaint-${seed}` }, file);
    const { description, names, unreadable } = examples;
    const about = {
      run: folder,
      iteration: opened.run.iteration,
      seed,
      examples: description,
      n: rows,
      fills: columns,
    };
    if (flags.json) jsonResult({ ...about, mask: wanted, ...(names && { images: names, unreadable }), path });
    else
      result(
        `${withThousands(columns)} fills of ${rows === 1 ? "an image" : `each of ${withThousands(rows)} images`}, ${description}, iteration ${opened.run.iteration}: ${shownPath(path)}`,
      );
    return unreadable.length === 0 ? exitCode.ok : exitCode.failure;
  } finally {
    opened.run.dispose();
  }
}
