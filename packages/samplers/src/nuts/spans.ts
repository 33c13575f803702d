/**
 * Where the leaves before leaf n begin that a U-turn test at leaf n looks back to: the starts of the aligned spans of 2, 4, 8, ... leaves
 * that end with n. None for even n; for n = 7 they are 6, 4 and 0.
 */
export function spanStarts(n: number): number[] {
  const starts: number[] = [];
  for (let size = 2; (n + 1) % size === 0; size *= 2) starts.push(n + 1 - size);
  return starts;
}
