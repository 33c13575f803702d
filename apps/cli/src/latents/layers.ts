/** Grids of latents of several layers, with one layer drawn anew in each row. */
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { CliError } from "../errors.js";
import { decodedGrid, joined, rowsOf, upTo, type Grid, type Latents } from "./grid.js";

/**
 * For each latent a row per group of layers: the latent itself, then draws of that group with all
 * other layers held.
 *
 * @param z `[n, ...]` in each leaf
 * @param groups layers to draw together. Default: each layer by itself.
 * @throws CliError for latents of one layer, and for a layer that is not there
 */
export async function layersGrid(
  latents: Latents,
  z: TensorTree,
  {
    groups,
    columns,
    key,
    of,
  }: { groups: readonly (readonly string[])[] | undefined; columns: number; key: Key; of: string },
): Promise<Grid> {
  const layers = tree.paths(z);
  const { space, state } = latents;
  if (layers.length < 2 || space.redraw === undefined)
    throw new CliError("the latents of this run have one layer; --kind layers is for several, as joint-prior/* have.");
  const unknown = groups?.flat().find((layer) => !layers.includes(layer));
  if (unknown !== undefined)
    throw new CliError(`the latents have no layer "${unknown}"; they have ${layers.join(", ")}.`);
  const rows = groups ?? layers.map((layer) => [layer]);
  const count = tree.leaves(z)[0]!.shape[0]!;
  const parts: TensorTree[] = [];
  for (const i of upTo(count)) {
    const held = rowsOf(z, Array<number>(columns - 1).fill(i));
    for (const [g, group] of rows.entries()) {
      const drawn = await space.redraw(state, held, group, random.fold(random.fold(key, i), g));
      parts.push(rowsOf(z, [i]), drawn);
    }
    tree.dispose(held);
  }
  const all = joined(parts);
  tree.dispose(parts);
  return decodedGrid(latents, all, {
    columns,
    caption: `${count} latents ${of}, each first, then with ${rows.map((group) => group.join(" and ")).join(", ")} drawn anew`,
    about: { latents: count, redrawn: rows },
  });
}
