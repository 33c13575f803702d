/** Grids of the states of chains of the model. */
import { chainStates } from "@ergodic/diagnosis";
import type { Key } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { alignedTable, short, withThousands } from "../terminal/format.js";
import type { Grid } from "./grid.js";

/**
 * A row for each chain: what it shows at even steps from its start. The mean energy is in the
 * caption.
 */
export async function chainGrid(
  chain: ModelChain,
  { n, columns, steps, key }: { n: number; columns: number; steps: number; key: Key },
): Promise<Grid> {
  const { observations, moments, energies, tilts } = await chainStates(chain, { n, steps, states: columns, key });
  const table = alignedTable(
    ["step", "mean energy", ...(tilts ? ["of which the tilt"] : [])],
    moments.map((moment, i) => [withThousands(moment), short(energies[i]!), ...(tilts ? [short(tilts[i]!)] : [])]),
  );
  return {
    observations,
    columns,
    caption: `${table}\n${withThousands(n)} chains of ${chain.description}, ${withThousands(steps)} steps each`,
    about: { chains: n, steps: moments, energies, ...(tilts && { tilts }), stepsOfLearning: chain.steps },
  };
}
