/**
 * Examples that a trained model reads: test examples of its experiment, or pictures of one's own.
 */
import { existsSync } from "node:fs";
import { picturesLike, readablePictures, type ReadablePictures } from "@ergodic/data/node";
import { readPlan, readPlanePlan } from "@ergodic/evaluation/model";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { CliError } from "../errors.js";
import { printable, withThousands } from "../terminal/format.js";
import { note } from "../terminal/output.js";
import type { OpenRun } from "./open-run.js";

export interface ExamplesOfRun {
  readonly description: string;
  /** At most as many examples as asked for. The caller disposes it. */
  readonly batch: TensorTree;
  /**
   * The key of inference. Pictures are inferred with equal random numbers, so what is made of one
   * depends neither on the others nor on their order. Test examples have numbers of their own, so
   * their errors average out.
   */
  readonly key: Key;
  /** The paths of the pictures within their folder. */
  readonly names?: readonly string[];
  /** Pictures that cannot be read. */
  readonly unreadable: ReadablePictures["unreadable"];
}

interface ExamplesAsked {
  /** A folder of pictures, or one picture. Default: test examples. */
  readonly pictures: string | undefined;
  readonly n: number;
  /**
   * For the choice among test examples, and for inference. Pictures are taken in the order of their
   * names.
   */
  readonly key: Key;
}

/**
 * The first `n` pictures, or `n` random test examples. An experiment without test examples gives
 * those of training.
 *
 * @throws CliError when there is no such folder or file
 */
export async function examplesOfRun(opened: OpenRun, { pictures, n, key }: ExamplesAsked): Promise<ExamplesOfRun> {
  const { run } = opened;
  const [orderKey, inferenceKey] = random.split<Key>(key) as [Key, Key];
  if (pictures === undefined) {
    const data = await testDataOf(opened);
    const batchSize = Math.min(n, data.size);
    const batch = data.batches({ batchSize, key: orderKey }).at(0) as TensorTree;
    return { description: data.description, batch, key: inferenceKey, unreadable: [] };
  }
  if (!existsSync(pictures)) throw new CliError(`there is no folder or file ${pictures}.`);
  const { images, unreadable } = await readablePictures(pictures, picturesLike(run.dataset));
  for (const { name, why } of unreadable) note(`note: ${printable(name)} is not read: ${printable(why)}`);
  const count = Math.min(n, images.size);
  return {
    description: count === images.size ? images.description : `${withThousands(count)} of ${images.description}`,
    key: random.equalRows(inferenceKey),
    batch: images.take(Int32Array.from({ length: count }, (_, i) => i)) as TensorTree,
    names: images.names.slice(0, count),
    unreadable,
  };
}

/** The test data of the experiment: examples, or points of the plane. */
async function testDataOf({ experiment, run }: OpenRun): Promise<Dataset<unknown>> {
  const planned = experiment.evaluation(run.config.options);
  const source = readPlan(planned)?.test ?? readPlanePlan(planned)?.points;
  return source === undefined ? run.dataset : source.load();
}
