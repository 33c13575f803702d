/** Files of named arrays, opened and written by their paths. */
import { formatNpz, npzArchive, type NpzArchive } from "../numpy/npz.js";
import type { NpyArray } from "../numpy/npy.js";
import type { ArrayFile } from "../arrays/array-file.js";
import { safetensorsArchive } from "../safetensors/archive.js";
import { fileSource } from "./file-source.js";
import { saveFile } from "./whole-files.js";

/**
 * Opens an `.npz` file.
 *
 * @throws ValidationError naming the file when it cannot be read or is no zip archive
 */
export const openNpz = async (path: string): Promise<NpzArchive> => npzArchive(await fileSource(path, "an .npz file"));

/**
 * Opens a safetensors file, as {@link safetensorsArchive}.
 *
 * @throws ValidationError also when there is no such file
 */
export const openSafetensors = async (path: string): Promise<ArrayFile> =>
  safetensorsArchive(await fileSource(path, "a safetensors file"));

/**
 * Writes an archive of arrays that `numpy.load` reads.
 *
 * The file is written whole or not at all. Equal arrays give equal bytes.
 *
 * @throws ValidationError naming the path when it cannot be written
 */
export const writeNpz = (path: string, arrays: Readonly<Record<string, NpyArray>>): Promise<void> =>
  saveFile(path, formatNpz(arrays));
