/** NumPy's `.npz`: a zip archive of `.npy` arrays by name, as `numpy.savez` and `numpy.savez_compressed` write it. */
import { fail } from "@ergodic/tensor";
import { messageOf, writeWhole } from "../files.js";
import { formatNpy, parseNpy, type NpyArray } from "./npy.js";
import { readZip, writeZip } from "./zip.js";

/** Arrays by name; one is unpacked when it is asked for. */
export interface NpzArchive {
  readonly names: readonly string[];
  /** @throws ValidationError naming the arrays there are when this is none of them, or when it cannot be read */
  array(name: string): Promise<NpyArray>;
}

/** @throws ValidationError naming the file when it cannot be read or is no zip archive */
export async function readNpz(path: string): Promise<NpzArchive> {
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(path).catch((error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, "an .npz file", "check the path"),
  );
  const members = readZip(bytes, path);
  const names = [...members.keys()].flatMap((member) => (member.endsWith(".npy") ? [member.slice(0, -4)] : []));
  return {
    names,
    async array(name) {
      const member = members.get(`${name}.npy`);
      if (member === undefined)
        return fail(`${path} has no array ${name}`, `one of ${names.join(", ") || "its arrays, of which it has none"}`);
      return parseNpy(await member(), `${name} in ${path}`);
    },
  };
}

/** Writes arrays so that `numpy.load` reads them; the file is there whole or not at all. Equal arrays give equal bytes. */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyArray>>): Promise<void> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, formatNpy(array)] as const);
  await writeWhole(path, writeZip(new Map(members)));
}
