/** Memory of arrays, freed before the garbage is collected. */

/**
 * Frees the memory of arrays that nothing reads any more, with all other views of it. They are empty
 * afterwards, and their memory is free in the next turn of the event loop.
 *
 * Garbage is collected when new objects need it, often after the peak of a program's memory. Memory
 * that is sent to a closed port has no owner.
 */
export function freeNow(arrays: readonly ArrayBufferView[]): void {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(
    undefined,
    [...new Set(arrays.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer),
  );
  port1.close();
}
