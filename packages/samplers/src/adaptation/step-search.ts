/**
 * The search for a first step size, doubled or halved until the acceptance probability of one
 * leapfrog step crosses 0.8.
 *
 * Hoffman and Gelman, arXiv 1111.4246, algorithm 4.
 */
const [least, most] = [1e-10, 1e5];

/**
 * @param acceptanceAt the mean acceptance probability of one leapfrog step of this size; 0 where it
 *   is not finite
 * @returns the first size whose acceptance is on the other side of 0.8 than that of `stepSize`
 */
export async function findStepSize(
  stepSize: number,
  acceptanceAt: (stepSize: number, attempt: number) => Promise<number>,
): Promise<number> {
  let direction: number | undefined;
  for (let size = stepSize, attempt = 0; size > least && size < most; attempt++) {
    const wanted = (await acceptanceAt(size, attempt)) > 0.8 ? 2 : 0.5;
    if (direction !== undefined && wanted !== direction) return size;
    direction = wanted;
    size *= wanted;
  }
  return stepSize;
}
