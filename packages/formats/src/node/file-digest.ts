/** Digests of files. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** SHA-256 of a file of any size, in lower-case hexadecimal digits. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest("hex");
}
