/**
 * File formats that several packages share, as functions between bytes and arrays.
 *
 * They run in Node and in browsers.
 */
export { crc32 } from "./crc32.js";
export { encodePng } from "./png.js";
export type { Raster } from "./png.js";
export { sha256 } from "./digest.js";
export { isGzip, unpacked, unpackedChunks } from "./unpacking.js";
export type { Packing } from "./unpacking.js";
export { byteReader } from "./byte-reader.js";
export type { ByteReader } from "./byte-reader.js";
export { bytesAt, bytesSource } from "./byte-source.js";
export type { ByteSource } from "./byte-source.js";
export type { ArrayFile, StoredArray } from "./arrays/array-file.js";
export { numberType } from "./arrays/number-type.js";
export type { NumberType, NumberTypeName, NumberValues } from "./arrays/number-type.js";
export { columnStrides, copyStrided, inRowOrder, rowStrides } from "./arrays/strides.js";
export type { Strided } from "./arrays/strides.js";
export { formatIdx, parseIdx } from "./idx.js";
export type { IdxArray, IdxType, IdxValues } from "./idx.js";
export { readMat } from "./mat.js";
export type { MatArray } from "./mat.js";
export { formatNpy, parseNpy } from "./numpy/npy.js";
export type { NpyArray } from "./numpy/npy.js";
export { formatNpz, npzArchive } from "./numpy/npz.js";
export type { NpzArchive } from "./numpy/npz.js";
export { readZip, writeZip } from "./zip/zip.js";
export type { Unpack } from "./zip/zip.js";
export { decodeSafetensors, encodeSafetensors, packedArrays } from "./safetensors/encoding.js";
export type { HostArray, PackedArray } from "./safetensors/encoding.js";
export { safetensorsArchive } from "./safetensors/archive.js";
export { tensorBoardEvents } from "./tensorboard.js";
export type { ScalarEvent } from "./tensorboard.js";
