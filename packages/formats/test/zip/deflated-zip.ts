/** An archive of one deflated member. */
import { deflateRawSync } from "node:zlib";
import { crc32 } from "@ergodic/formats";

/**
 * Writes the archive.
 *
 * @param declared the size in the directory, when it is not the true one
 */
export function deflated(
  name: string,
  content: Uint8Array,
  { comment = "", declared = content.length }: { readonly comment?: string; readonly declared?: number } = {},
): Buffer {
  const [packed, title] = [deflateRawSync(content), Buffer.from(name)];
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(declared, 18);
  common.writeUInt16LE(title.length, 22);
  const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, title, packed]);
  const entry = Buffer.concat([Buffer.from("PK\u0001\u0002"), Buffer.from([20, 0]), common, Buffer.alloc(14), title]);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([local, entry, end, Buffer.from(comment)]);
}
