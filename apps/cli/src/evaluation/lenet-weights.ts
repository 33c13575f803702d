/**
 * Writes the weights of the digit classifier of a trained run, with a record of its training and
 * accuracy.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { mnist } from "@ergodic/data/node";
import {
  classificationAccuracy,
  lenetArrays,
  lenetFile,
  lenetExtractor,
  leastDigitAccuracy,
  servesForDigits,
  weightsIn,
  type LenetFile,
  type LenetParams,
} from "@ergodic/evaluation/networks";
import { imagesOf } from "@ergodic/evaluation/model";
import { type HostTensor } from "@ergodic/training";
import { readRunRecord } from "@ergodic/training/node";
import { encodeSafetensors } from "@ergodic/formats";
import type { EngineChoice } from "../commands/engine-option.js";
import { CliError } from "../errors.js";
import { writeResult } from "../runs/folders.js";
import { openRun } from "../runs/open-run.js";
import { withThousands } from "../terminal/format.js";

export { lenetFile as shippedLenetFile };

const PRESET = "classifier/mnist-lenet";

export interface LenetRequest {
  /** Folder of a run of the preset. */
  readonly run: string;
  /** Destination of the weights and their record. */
  readonly folder: string;
  readonly engine?: EngineChoice;
}

/**
 * Writes `lenet-mnist.safetensors` and `lenet-mnist.json`.
 *
 * @throws CliError when the run has another model, or its accuracy on test digits is below 99 %.
 *   Nothing is written then.
 */
export async function writeLenet({ run: folder, folder: target, engine }: LenetRequest): Promise<LenetFile> {
  const { run } = await openRun(folder, { acceptChanges: false, ...(engine === undefined ? {} : { engine }) });
  try {
    const { origin } = await readRunRecord(folder);
    if (origin !== PRESET) throw new CliError(`${folder} is no run of ${PRESET}; train one: ergodic train ${PRESET}`);
    const bytes = encodeSafetensors(
      lenetArrays(run.state.params as unknown as LenetParams).map(({ name, tensor }): HostTensor => ({
        ...{ name, dtype: "float32", shape: tensor.shape, values: tensor.dataSync<"float32">() },
      })),
    );
    const { accuracy, digits, sha256 } = await tested(bytes);
    if (!servesForDigits(accuracy))
      throw new CliError(
        `the classifier of ${folder} names ${percent(accuracy)} of the test digits right, ` +
          `expected at least ${percent(leastDigitAccuracy)}; train it longer.`,
      );
    const made: LenetFile = {
      ...{ name: lenetFile.name, sha256, testAccuracy: accuracy, testDigits: digits },
      ...{ experiment: PRESET, iteration: run.iteration, config: run.config },
    };
    await mkdir(target, { recursive: true });
    await writeResult(join(target, made.name), bytes);
    await writeResult(join(target, "lenet-mnist.json"), `${JSON.stringify(made, null, 2)}\n`);
    return made;
  } finally {
    run.dispose();
  }
}

async function tested(bytes: Uint8Array) {
  const data = await mnist({ split: "test" }).load();
  const { tensors, sha256 } = await weightsIn(bytes, lenetFile.name);
  const extractor = lenetExtractor(tensors, sha256);
  try {
    const all = data.all();
    const accuracy = await classificationAccuracy(extractor, imagesOf(all, data.description), all.labels);
    return { accuracy, digits: data.size, sha256 };
  } finally {
    await extractor.dispose();
  }
}

/** Describes the classifier in one line. */
export function describeLenet({
  name,
  sha256: hash,
  testAccuracy: share,
  testDigits,
  experiment,
  iteration,
}: LenetFile): string {
  const digits = `${percent(share)} of ${withThousands(testDigits)} test digits right`;
  return `${name}: SHA-256 ${hash}, ${digits}, ${withThousands(iteration)} iterations of ${experiment}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
