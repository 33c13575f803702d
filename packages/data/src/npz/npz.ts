/** NumPy's `.npz`: a zip archive of `.npy` arrays by name, as `numpy.savez` and `numpy.savez_compressed` write it. */
import { openMembers } from "../arrays/npz-file.js";
import { writeWhole } from "../files.js";
import { formatNpy, rowMajor, type NpyArray } from "./npy.js";
import { writeZip } from "./zip.js";

/** Arrays by name; one is unpacked when it is asked for. */
export interface NpzArchive {
  readonly names: readonly string[];
  /** @throws ValidationError naming the arrays there are when this is none of them, or when it cannot be read */
  array(name: string): Promise<NpyArray>;
}

/** @throws ValidationError naming the file when it cannot be read or is no zip archive */
export async function readNpz(path: string): Promise<NpzArchive> {
  const { names, open } = await openMembers(path);
  return {
    names,
    async array(name) {
      const { header, reader } = await open(name);
      try {
        const bytes = await reader.read(header.length);
        await reader.end();
        const { shape, columnMajor } = header;
        const values = header.read(bytes);
        return { shape, values: columnMajor ? rowMajor(values, shape) : values };
      } finally {
        await reader.close();
      }
    },
  };
}

/** Writes arrays so that `numpy.load` reads them; the file is there whole or not at all. Equal arrays give equal bytes. */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyArray>>): Promise<void> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, formatNpy(array)] as const);
  await writeWhole(path, writeZip(new Map(members)));
}
