/**
 * Access to files, in Node only.
 *
 * Modules that need Node are imported when a function is called, so the package itself loads in a
 * browser.
 */
import type { ByteSource, IdxArray, NpzArchive } from "@ergodic/formats";
import type { FileContent } from "@ergodic/formats/node";

const node = () => import("@ergodic/formats/node");

export const exists = async (path: string): Promise<boolean> => (await node()).exists(path);
export const fileSource = async (path: string, what: string): Promise<ByteSource> =>
  (await node()).fileSource(path, what);
export const wholeFile = async (path: string, what: string): Promise<Uint8Array<ArrayBuffer>> =>
  (await node()).wholeFile(path, what);
export const readIdx = async (path: string): Promise<IdxArray> => (await node()).readIdx(path);
export const saveFile = async (path: string, content: FileContent): Promise<void> =>
  (await node()).saveFile(path, content);
export const sha256OfFile = async (path: string): Promise<string> => (await node()).sha256OfFile(path);
export const openNpz = async (path: string): Promise<NpzArchive> => (await node()).openNpz(path);
