/**
 * Files of these formats by path, digests, and writes that happen whole or not at all. Node only.
 */
export { openNpz, openSafetensors, writeNpz } from "../node/array-files.js";
export { exists, fileSource, wholeFile } from "../node/file-source.js";
export { readIdx } from "../node/idx-file.js";
export { sha256OfFile } from "../node/file-digest.js";
export {
  isTemporary,
  saveFile,
  temporaryName,
  temporaryPrefix,
  writeFileWhole,
  writeFolderWhole,
} from "../node/whole-files.js";
export type { FileContent } from "../node/whole-files.js";
