/** The energy of latents and observations together. */
import type { TensorTree } from "@ergodic/tensor";
import { baseParams } from "../chains.js";
import { posteriorEnergy, priorEnergy, type LatentEnergy } from "../densities.js";
import type { ResolvedVariational } from "./options.js";
import type { VariationalParams } from "./steps.js";

/** -log p(x | z) + E(z) - log p0(z), `[batch]`: -log p(x, z) up to the constant log Z. */
export const jointEnergy =
  <
    G extends TensorTree,
    I extends TensorTree,
    E extends TensorTree,
    Batch,
    X extends TensorTree,
    Z extends TensorTree,
    L extends TensorTree,
    Y extends TensorTree,
  >({
    generator,
    energy,
    latents,
    observation,
  }: ResolvedVariational<G, I, E, Batch, X, Z, L, Y>) =>
  ({ backbone, energy: tilt }: VariationalParams<G, I, E, L>, x: X): LatentEnergy<Z> =>
    posteriorEnergy(
      priorEnergy(
        (z: Z) => energy.energy(tilt, z),
        (z) => latents.energy(baseParams(backbone), z),
      ),
      (z) => observation.logDensity(generator.apply(backbone.generator, z), x),
    );
