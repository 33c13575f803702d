/** Grids of traversals: one latent with one coordinate moved in each row. */
import { coordinatesOf, traversals } from "@ergodic/generators";
import type { TensorTree } from "@ergodic/tensor";
import { short } from "../terminal/format.js";
import { decodedGrid, type Grid, type Latents } from "./grid.js";

/**
 * A row for each of the first `n` coordinates, from -range to range around the latent.
 *
 * @param z one latent, `[1, ...]` in each leaf
 */
export function traversalGrid(
  latents: Latents,
  z: TensorTree,
  { n, columns, range, of }: { n: number; columns: number; range: number; of: string },
): Promise<Grid> {
  const coordinates = coordinatesOf(z).slice(0, n);
  const names = coordinates.map(({ layer, index }) => `${layer}[${index}]`);
  return decodedGrid(latents, traversals(z, coordinates, { range, places: columns }), {
    columns,
    caption: `coordinates ${names[0]} to ${names.at(-1)} from -${short(range)} to ${short(range)} around a latent ${of}`,
    about: { range, coordinates },
  });
}
