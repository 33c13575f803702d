/** Arrays in memory that threads share. */
import type { TypedArray } from "../graph.js";

/** Whether threads share the memory of an array. */
export const isShared = ({ buffer }: TypedArray): boolean => !(buffer instanceof ArrayBuffer);

/** Zeros in memory that threads share, of the type of an array. */
export const sharedLike = (like: TypedArray, length = like.length): TypedArray =>
  new (like.constructor as Float32ArrayConstructor)(
    new SharedArrayBuffer(length * like.BYTES_PER_ELEMENT) as unknown as ArrayBuffer,
  );
