/** Chains on targets say how far they are, in warm-up too. */
import { expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { standardNormal } from "@ergodic/energies";
import { tree } from "@ergodic/tensor";
import { kernels, type KernelName } from "../src/targets/kernels.js";
import { runChains } from "../src/targets/run-chains.js";

// Adapted, adapted with its temperatures, and not adapted at all.
it.each<KernelName>(["mala", "parallel-tempering", "langevin"])(
  "of %s tell their stages every 64 steps",
  async (name) => {
    await useEngine("onnx");
    const target = standardNormal();
    const told: string[] = [];
    const made = kernels[name].make((x) => target.energy(x), {});
    const plan = { chains: 2, warmup: 130, draws: 70, seed: 0 };
    const { positions, info } = await runChains(target, made, plan, (text) => told.push(text));
    expect(told).toEqual([
      ...["warming up 0/130", "warming up 64/130", "warming up 128/130"],
      ...["drawing 0/70", "drawing 64/70"],
    ]);
    tree.dispose([positions, info]);
  },
);
