/** NumPy's `.npz` without reading all of it: its directory at once, an array's numbers as they are asked for. */
import { crc32 } from "@ergodic/formats";
import { fail, messageOf } from "@ergodic/tensor";
import { NPY_PREFIX, npyHeaderLength, parseNpyHeader, type NpyHeader } from "../npz/npy.js";
import { broken, findDirectory, LOCAL, readDirectory, TAIL_LENGTH, type Member } from "../npz/zip-directory.js";
import { piecesOf, type ArrayFile, type StoredArray } from "./array-file.js";
import { byteReader, bytesAt, fileBytes, sizeOf, type ByteReader } from "./byte-reader.js";

/** @throws ValidationError naming the file when it cannot be read or is no zip archive */
export async function openNpz(path: string): Promise<ArrayFile> {
  const { names, open } = await openMembers(path);
  return { names, open: (name) => storedArray(() => open(name), `${name} in ${path}`) };
}

/** An array's bytes, past its header. */
interface OpenMember {
  readonly header: NpyHeader;
  readonly reader: ByteReader;
}

/** The arrays of an archive, each opened when it is asked for: as many bytes follow its header as that says. */
export async function openMembers(
  path: string,
): Promise<{ readonly names: readonly string[]; open(name: string): Promise<OpenMember> }> {
  const members = await membersOf(path);
  const names = members.flatMap(({ name }) => (name.endsWith(".npy") ? [name.slice(0, -4)] : []));
  return {
    names,
    async open(name) {
      const member = members.find((one) => one.name === `${name}.npy`);
      if (member === undefined)
        return fail(`${path} has no array ${name}`, `one of ${names.join(", ") || "its arrays, of which it has none"}`);
      return openMember(path, member, `${name} in ${path}`);
    },
  };
}

async function membersOf(path: string): Promise<Member[]> {
  const size = await sizeOf(path, "an .npz file");
  const base = Math.max(0, size - TAIL_LENGTH);
  const viewFrom = async (start: number) => new DataView((await bytesAt(path, start, size)).buffer);
  try {
    const tail = await viewFrom(base);
    const { count, at } = findDirectory(tail, base, path);
    if (at > size) broken(path, "its directory points outside the file");
    return at >= base
      ? readDirectory(tail, { count, at: at - base }, size, path)
      : readDirectory(await viewFrom(at), { count, at: 0 }, size, path);
  } catch (error) {
    if (error instanceof RangeError) return broken(path, "its directory points outside the file");
    throw error;
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

async function openMember(path: string, member: Member, what: string): Promise<OpenMember> {
  const reader = byteReader(contentOf(path, member), what);
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

/** What a member holds, unpacked, and checked against its CRC-32 at the end. */
async function* contentOf(
  path: string,
  { name, at, method, packed, size, checksum }: Member,
): AsyncGenerator<Uint8Array> {
  const local = new DataView((await bytesAt(path, at, at + 30)).buffer);
  if (local.getUint32(0, true) !== LOCAL) broken(path, `${name} in it is not where it should be`);
  const start = at + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  let [length, found] = [0, 0];
  for await (const chunk of unpacked(fileBytes(path, start, start + packed), method, `${name} in ${path}`)) {
    [length, found] = [length + chunk.length, crc32(chunk, found)];
    if (length > size)
      fail(`${name} in ${path} unpacks to more than ${size} bytes`, "the size in its directory", "get the file again");
    yield chunk;
  }
  if (length !== size || found !== checksum) broken(path, `${name} in it is damaged`);
}

async function* unpacked(bytes: AsyncGenerator<Uint8Array>, method: number, what: string): AsyncGenerator<Uint8Array> {
  if (method === 0) return yield* bytes;
  if (method !== 8) return fail(`${what} is packed by method ${method}`, "0 (stored) or 8 (deflated)", "pack it again");
  const [{ pipeline, Readable }, { createInflateRaw }] = await Promise.all([
    import("node:stream"),
    import("node:zlib"),
  ]);
  const inflate = createInflateRaw({ chunkSize: 1 << 18 });
  pipeline(Readable.from(bytes), inflate, () => undefined); // errors come out of `inflate`, too
  try {
    yield* inflate as AsyncIterable<Uint8Array>;
  } catch (error) {
    fail(`${what} does not unpack (${messageOf(error)})`, "deflated data", "get the file again");
  }
}
