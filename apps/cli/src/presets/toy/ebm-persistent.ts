/** `ergodic train toy/ebm-persistent` */
import { persistentContrastive } from "@ergodic/objectives";
import { replayBuffer } from "@ergodic/samplers";
import { ebmToy, jumping, wide } from "../../preset-parts/ebm-toy.js";

/** Chains that do not jump stay in the mode that they reach first, and modes get wrong weights. */
export default ebmToy({
  name: "toy/ebm-persistent",
  description: "persistent chains (arXiv 1903.08689)",
  objective: (set) =>
    persistentContrastive({
      kernel: jumping(set),
      steps: 8,
      buffer: replayBuffer({ size: 1_024, start: wide.sample, reinitialise: 0.05 }),
      penalty: 1e-3,
    }),
});
