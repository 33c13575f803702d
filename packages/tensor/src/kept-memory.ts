/** Memory of large arrays, used again after they are freed. */

/** The largest array that raises glibc's threshold: 32 MiB with its header, by `mallopt(3)`. */
const LARGEST = 32 * 2 ** 20 - 2 ** 16;

let isKept = false;

/**
 * Lets freed arrays of up to 32 MiB stay with the process, for later arrays. Memory is then not
 * returned and its pages are not made again, which takes as long as drawing numbers into them.
 *
 * glibc returns freed memory beyond a threshold, and raises the threshold to the size of an array
 * that was freed. So an array is made and dropped, whose pages are never touched. Other C libraries
 * have their own rules, for which it makes no difference.
 */
export function keepFreedMemory(): void {
  if (isKept) return;
  isKept = true;
  new ArrayBuffer(LARGEST);
}
