/** Grids of interpolations between latents of pairs. */
import { greatCircles } from "@ergodic/generators";
import { tree, type TensorTree } from "@ergodic/tensor";
import { withThousands } from "../terminal/format.js";
import { CliError } from "../errors.js";
import { decodedGrid, rowsOf, upTo, type Grid, type Latents } from "./grid.js";

/**
 * A row for each pair of latents, from the first to the second along a great circle.
 *
 * @param z `[2 pairs, ...]` in each leaf, one after the other
 * @throws CliError for a single latent
 */
export async function pairsGrid(
  latents: Latents,
  z: TensorTree,
  { columns, of }: { columns: number; of: string },
): Promise<Grid> {
  const pairs = Math.floor(tree.leaves(z)[0]!.shape[0]! / 2);
  if (pairs === 0) throw new CliError(`there is one latent ${of}; an interpolation needs two.`);
  const [from, to] = [0, 1].map((end) =>
    rowsOf(
      z,
      upTo(pairs).map((i) => 2 * i + end),
    ),
  ) as [TensorTree, TensorTree];
  const path = greatCircles(from, to, columns);
  tree.dispose([from, to] as TensorTree);
  return decodedGrid(latents, path, {
    columns,
    caption: `${withThousands(pairs)} interpolations between latents ${of}`,
    about: { pairs },
  });
}
