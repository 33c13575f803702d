/** Files of arrays by name, opened and written under their paths. */
import { formatNpz, npzArchive, type NpzArchive } from "../numpy/npz.js";
import type { NpyArray } from "../numpy/npy.js";
import type { ArrayFile } from "../arrays/array-file.js";
import { safetensorsArchive } from "../safetensors/archive.js";
import { fileSource } from "./file-source.js";
import { saveFile } from "./whole-files.js";

/** @throws ValidationError naming the file when it cannot be read or is no zip archive */
export const openNpz = async (path: string): Promise<NpzArchive> => npzArchive(await fileSource(path, "an .npz file"));

/** As {@link safetensorsArchive}, of a file. @throws ValidationError also when there is no such file */
export const openSafetensors = async (path: string): Promise<ArrayFile> =>
  safetensorsArchive(await fileSource(path, "a safetensors file"));

/**
 * Writes arrays so that `numpy.load` reads them. The file is there whole or not at all. Equal arrays give equal bytes.
 *
 * @throws ValidationError naming the path when it cannot be written
 */
export const writeNpz = (path: string, arrays: Readonly<Record<string, NpyArray>>): Promise<void> =>
  saveFile(path, formatNpz(arrays));
