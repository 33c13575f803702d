/** Pictures that are judged one by one: a damaged one is named, and the others are read. */
import { assertFitsMemory, fail, joined, ValidationError } from "@ergodic/tensor";
import { imageDataset, type ImageDataset } from "./dataset.js";
import { assertImageFile, imageFiles, listImageFolder, type ImageFolder } from "./folder.js";
import type { WithFiles } from "./images.js";
import { bytesOfSquare, squareSettings, type PictureOptions, type PictureSettings } from "./picture-options.js";
import { AT_ONCE, counted, squaresOf } from "./squares.js";

export interface ReadablePictures {
  readonly images: ImageDataset & WithFiles;
  /** The pictures that cannot be read, and why. */
  readonly unreadable: readonly { readonly name: string; readonly why: string }[];
}

/**
 * The pictures of a folder, or one picture, as images of the given form, in the order of their
 * names.
 *
 * Unlike `images`, it goes on after a picture that is damaged or smaller than a window.
 *
 * @param place a folder, with its subfolders, or an image file
 * @throws ValidationError when there are no pictures, none can be read, or the pixels do not fit
 * the memory
 */
export async function readablePictures(
  place: string,
  { onProgress, ...pictures }: PictureSettings & Pick<PictureOptions, "onProgress">,
): Promise<ReadablePictures> {
  const { join } = await import("node:path");
  const { folder, opened } = await openPlace(place);
  const { files } = opened;
  const settings = squareSettings(pictures);
  assertFitsMemory("the pixels", [files.length, bytesOfSquare(settings)], 1);
  const onDone = counted(files.length, onProgress);
  const attempt = async (name: string): Promise<Attempt> => {
    try {
      await assertImageFile(join(folder, name));
      return { name, pixels: await squaresOf([name], () => opened.read(name), settings) };
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      return { name, why: error.message };
    } finally {
      onDone?.();
    }
  };
  const attempts: Attempt[] = [];
  for (let at = 0; at < files.length; at += AT_ONCE)
    attempts.push(...(await Promise.all(files.slice(at, at + AT_ONCE).map(attempt))));

  const read = attempts.filter((each) => "pixels" in each);
  const unreadable = attempts.filter((each) => "why" in each);
  if (read.length === 0) {
    const [{ why } = { why: "" }] = unreadable;
    fail(`none of the ${unreadable.length} pictures in ${place} can be read (${why})`, "a whole image");
  }
  const { size, channels } = settings;
  return {
    images: {
      ...imageDataset({
        description: `${read.length.toLocaleString("en")} ${read.length === 1 ? "picture" : "pictures"} in ${place}, ${size} x ${size} x ${channels}`,
        bytes: joined(
          Uint8Array,
          read.map(({ pixels }) => pixels),
        ),
        imageShape: [size, size, channels],
        ...(pictures.scale && { scale: pictures.scale }),
      }),
      names: read.map(({ name }) => name),
      files: opened.report(),
      pictures,
    },
    unreadable,
  };
}

type Attempt = { readonly name: string; readonly pixels: Uint8Array } | { readonly name: string; readonly why: string };

/** A folder, or the one file as a folder. */
async function openPlace(place: string): Promise<{ readonly folder: string; readonly opened: ImageFolder }> {
  const { stat } = await import("node:fs/promises");
  const { basename, dirname } = await import("node:path");
  const found = await stat(place).catch(() => undefined);
  if (found?.isFile() !== true) return { folder: place, opened: await listImageFolder(place) };
  const folder = dirname(place);
  return { folder, opened: imageFiles(folder, { files: [basename(place)], skipped: {} }) };
}
