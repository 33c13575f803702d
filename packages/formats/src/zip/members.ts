/** The members of a zip archive and their content. */
import { fail } from "@ergodic/tensor";
import { bytesAt, type ByteSource } from "../byte-source.js";
import { crc32 } from "../crc32.js";
import { unpackedChunks } from "../unpacking.js";
import { broken, findDirectory, LOCAL, readDirectory, TAIL_LENGTH, type Member } from "./directory.js";

const LOCAL_LENGTH = 30;

/**
 * Lists the members of an archive.
 *
 * @throws ValidationError when the archive is cut short, encrypted or damaged
 */
export async function zipMembers(source: ByteSource): Promise<Member[]> {
  const { name, size } = source;
  const base = Math.max(0, size - TAIL_LENGTH);
  const viewFrom = async (start: number) => new DataView((await bytesAt(source, start, size)).buffer);
  try {
    const tail = await viewFrom(base);
    const { count, at } = findDirectory(tail, base, name);
    if (at > size) broken(name, "its directory points outside the file");
    return at >= base
      ? readDirectory(tail, { count, at: at - base }, size, name)
      : readDirectory(await viewFrom(at), { count, at: 0 }, size, name);
  } catch (error) {
    if (error instanceof RangeError) return broken(name, "its directory points outside the file");
    throw error;
  }
}

/**
 * The unpacked content of a member, in pieces.
 *
 * @throws ValidationError when the content exceeds the size in the directory, when it ends shorter
 * or with another CRC-32, or when it is packed by another method than deflate
 */
export async function* memberContent(source: ByteSource, member: Member): AsyncGenerator<Uint8Array> {
  const { name, at, method, packed, size, checksum } = member;
  const what = `${name} in ${source.name}`;
  if (at + LOCAL_LENGTH > source.size) broken(source.name, `${name} in it is not where it should be`);
  const local = new DataView((await bytesAt(source, at, at + LOCAL_LENGTH)).buffer);
  if (local.getUint32(0, true) !== LOCAL) broken(source.name, `${name} in it is not where it should be`);
  const start = at + LOCAL_LENGTH + local.getUint16(26, true) + local.getUint16(28, true);
  if (start + packed > source.size) broken(source.name, `${name} in it is cut short`);
  if (method !== 0 && method !== 8)
    fail(`${what} is packed by method ${method}`, "0 (stored) or 8 (deflated)", "pack it again");
  const stored = source.chunks(start, start + packed);
  let [length, found] = [0, 0];
  for await (const chunk of method === 0 ? stored : unpackedChunks(stored, "deflate", what)) {
    [length, found] = [length + chunk.length, crc32(chunk, found)];
    if (length > size)
      fail(`${what} unpacks to more than ${size} bytes`, "the size in its directory", "get the file again");
    yield chunk;
  }
  if (length !== size || found !== checksum) broken(source.name, `${name} in it is damaged`);
}
