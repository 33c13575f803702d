/**
 * NumPy's `.npz` format: a zip archive of named `.npy` arrays.
 *
 * `numpy.savez` and `numpy.savez_compressed` write such archives.
 */
import { fail } from "@ergodic/tensor";
import { piecesOf, type ArrayFile, type StoredArray } from "../arrays/array-file.js";
import { inRowOrder } from "../arrays/strides.js";
import { byteReader, type ByteReader } from "../byte-reader.js";
import type { ByteSource } from "../byte-source.js";
import { memberContent, zipMembers } from "../zip/members.js";
import type { Member } from "../zip/directory.js";
import { writeZip } from "../zip/zip.js";
import { formatNpy, NPY_PREFIX, npyHeaderLength, parseNpyHeader, type NpyArray, type NpyHeader } from "./npy.js";

/** Arrays by name, unpacked on demand: in pieces by `open`, whole by `array`. */
export interface NpzArchive extends ArrayFile {
  /**
   * Reads one array whole.
   *
   * @throws ValidationError naming the existing arrays when there is none of this name, or when it
   * cannot be read
   */
  array(name: string): Promise<NpyArray>;
}

/**
 * Opens an archive.
 *
 * @throws ValidationError naming the source when it cannot be read or is no zip archive
 */
export async function npzArchive(source: ByteSource): Promise<NpzArchive> {
  const members = await zipMembers(source);
  const names = members.flatMap(({ name }) => (name.endsWith(".npy") ? [name.slice(0, -4)] : []));
  const opened = (name: string): Promise<OpenMember> => {
    const member = members.find((one) => one.name === `${name}.npy`);
    if (member === undefined)
      return fail(
        `${source.name} has no array ${name}`,
        `one of ${names.join(", ") || "its arrays, of which it has none"}`,
      );
    return openMember(source, member, `${name} in ${source.name}`);
  };
  return {
    names,
    open: (name) => storedArray(() => opened(name), `${name} in ${source.name}`),
    array: async (name) => wholeArray(await opened(name)),
  };
}

/** The bytes of an archive of these arrays. Equal arrays give equal bytes. */
export function formatNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  return writeZip(new Map(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, formatNpy(array)])));
}

/** A reader after the header of an array. */
interface OpenMember {
  readonly header: NpyHeader;
  readonly reader: ByteReader;
}

async function wholeArray({ header, reader }: OpenMember): Promise<NpyArray> {
  try {
    const bytes = await reader.read(header.length);
    await reader.end();
    const { shape, columnMajor } = header;
    const values = header.read(bytes);
    return { shape, values: columnMajor ? inRowOrder(values, shape) : values };
  } finally {
    await reader.close();
  }
}

async function storedArray(open: () => Promise<OpenMember>, what: string): Promise<StoredArray> {
  const { reader, header } = await open();
  await reader.close();
  if (header.columnMajor)
    fail(
      `${what} is stored column by column (fortran_order)`,
      "rows, which can be read one after the other",
      "save numpy.ascontiguousarray(array)",
    );
  return {
    shape: header.shape,
    type: header.type,
    async *pieces(rows) {
      yield* piecesOf((await open()).reader, header, rows);
    },
  };
}

async function openMember(source: ByteSource, member: Member, what: string): Promise<OpenMember> {
  const reader = byteReader(memberContent(source, member), what);
  try {
    const prefix = await reader.read(NPY_PREFIX);
    const start = npyHeaderLength(prefix, what);
    if (start > member.size) fail(`${what} has ${member.size} bytes`, `a header of ${start}`, "get the file again");
    const rest = await reader.read(start - NPY_PREFIX);
    const header = parseNpyHeader(Uint8Array.from([...prefix, ...rest]), what);
    if (start + header.length !== member.size)
      fail(`${what} has ${member.size - start} bytes of data`, `${header.length}`, "get the file again");
    return { reader, header };
  } catch (error) {
    await reader.close();
    throw error;
  }
}
