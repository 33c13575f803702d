/** Bytes of file formats that several packages share. */
export { crc32 } from "./crc32.js";
export { encodePng } from "./png.js";
export type { Raster } from "./png.js";
