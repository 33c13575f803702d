/** Implements `ergodic translate`. */
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { listImageFolder, readUpright, type UprightPicture } from "@ergodic/data/node";
import { useEngine } from "@ergodic/engine";
import { encodePng } from "@ergodic/formats";
import { random, tree, ValidationError } from "@ergodic/tensor";
import { restoreConfig, type LearnerState, type Translation, type TranslationSide } from "@ergodic/training";
import { readRunRecord, restorePart } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { CliError, exitCode, type ExitCode } from "../errors.js";
import { experimentOfRun } from "../experiments/of-run.js";
import { countdown } from "../terminal/countdown.js";
import { withThousands } from "../terminal/format.js";
import { jsonResult, note, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";
import type { TranslateFlags } from "./flags.js";

/** What helps where an energy refuses the size of a picture. */
const refinementRemedy =
  "this energy refines images of the size of training alone: leave out --refine, resize the picture, " +
  "or train with --set options.energyHead=local";

/** The side that a direction leads to. */
const sideOf = { a2b: "y", b2a: "x" } as const;

/**
 * Translates the pictures of a folder, or one picture.
 *
 * @returns failure when a picture could not be translated
 * @throws CliError when the model does not translate images, or the path does not exist
 */
export async function runTranslation(folder: string, place: string, flags: TranslateFlags): Promise<ExitCode> {
  if (!existsSync(place)) throw new CliError(`there is no folder or file ${place}.`);
  const { root, files } = await picturesAt(place);
  const to = sideOf[flags.direction];
  const { translation, state, iteration, steps, dispose } = await openDirection(folder, to, flags);
  const channels = translation.channels?.[to === "y" ? "x" : "y"];
  if (channels === undefined) throw new CliError("the model of this run translates no images.");
  const shown = stages(stderrTarget, flags);
  const count = countdown(shown.stage, "translating");
  const names = resultNames(files);
  const skipped: { readonly name: string; readonly why: string }[] = [];
  const written: string[] = [];
  try {
    for (const [i, file] of files.entries()) {
      count(i, files.length);
      try {
        const picture = await readUpright(join(root, file));
        const how = { to, steps, key: random.fold(random.key(flags.seed), i) };
        const content = await translatedPng(picture, channels, (images) => translation.translate(state, images, how));
        const path = join(flags.out, names[i]!);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, content);
        written.push(path);
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        const sized = steps > 0 && error.message.includes("has shape");
        skipped.push({ name: file, why: sized ? `${error.message}; ${refinementRemedy}` : error.message });
      }
    }
  } finally {
    shown.end();
    dispose();
  }
  for (const { name, why } of skipped) note(`skipped ${name}: ${why}`);
  const summary = {
    run: folder,
    iteration,
    direction: flags.direction,
    steps,
    written: written.length,
    out: flags.out,
  };
  if (flags.json) jsonResult({ ...summary, skipped });
  else {
    const kind = steps === 0 ? "raw" : `refined by ${steps} steps`;
    result(
      `${withThousands(written.length)} of ${withThousands(files.length)} pictures translated (${kind}, iteration ${iteration}): ${flags.out}`,
    );
  }
  return skipped.length === 0 ? exitCode.ok : exitCode.failure;
}

/** The pictures of a folder in the order of their names, or the one picture. */
async function picturesAt(place: string): Promise<{ readonly root: string; readonly files: readonly string[] }> {
  if ((await stat(place)).isFile()) return { root: dirname(place), files: [basename(place)] };
  const { files } = await listImageFolder(place);
  return { root: place, files };
}

/**
 * The names of the results: `a/b.jpg` becomes `a/b.png`. Where two would be the same,
 * `a/b.jpg.png`.
 */
export function resultNames(files: readonly string[]): string[] {
  const short = files.map((file) => `${file.slice(0, file.length - extname(file).length)}.png`);
  const counts = new Map<string, number>();
  for (const name of short) counts.set(name.toLowerCase(), 1 + (counts.get(name.toLowerCase()) ?? 0));
  return short.map((name, i) => (counts.get(name.toLowerCase()) === 1 ? name : `${files[i]}.png`));
}

/** The networks of one direction of a run, without data and without the others. */
async function openDirection(folder: string, to: TranslationSide, flags: TranslateFlags) {
  const record = await readRunRecord(folder);
  const { experiment } = await experimentOfRun({ folder, record }, flags);
  await useEngine(flags.engine ?? "auto");
  const config = restoreConfig(experiment, record.config);
  const learner = experiment.model(config.options, config.training);
  if (learner.translation === undefined) throw new CliError("the model of this run does not translate.");
  const translation: Translation<LearnerState, unknown> = learner.translation;
  const steps = flags.refine === true ? translation.steps : (flags.refine ?? 0);
  const paths = translation.parts({ to, steps });
  const { params, iteration } = await restorePart({ folder, paths, iteration: flags.checkpoint });
  return {
    ...{ translation, iteration, steps },
    state: { params } as LearnerState,
    dispose: () => tree.dispose(params),
  };
}

type Translate = (images: tf.Tensor) => Promise<tf.Tensor>;

/** A translated picture as a PNG, with the transparency of the original. */
async function translatedPng(picture: UprightPicture, channels: number, translate: Translate): Promise<Uint8Array> {
  const { width, height, alpha } = picture;
  const images = tf.tensor4d(inChannels(picture, channels), [1, height, width, channels]);
  const made = await translate(images).finally(() => images.dispose());
  const own = made.shape[3]!;
  const values = await made.data<"float32">();
  made.dispose();
  const bytes = Uint8Array.from(values, (value) => Math.round(Math.min(255, Math.max(0, ((value + 1) / 2) * 255))));
  if (alpha === undefined) return encodePng({ pixels: bytes, width, height, channels: own as 1 | 3 });
  const pixels = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels[4 * i + c] = bytes[own * i + (own === 1 ? 0 : c)]!;
    pixels[4 * i + 3] = alpha[i]!;
  }
  return encodePng({ pixels, width, height, channels: 4 });
}

/** Values in [-1, 1] of as many channels as the network takes. Colours become their luma. */
function inChannels({ pixels, channels }: UprightPicture, wanted: number): Float32Array {
  const count = pixels.length / channels;
  const value = (byte: number): number => byte / 127.5 - 1;
  return Float32Array.from({ length: count * wanted }, (_, i) => {
    const from = Math.floor(i / wanted) * channels;
    if (channels === 1) return value(pixels[from]!);
    if (wanted === 1) return value(0.299 * pixels[from]! + 0.587 * pixels[from + 1]! + 0.114 * pixels[from + 2]!);
    return value(pixels[from + (i % wanted)]!);
  });
}
