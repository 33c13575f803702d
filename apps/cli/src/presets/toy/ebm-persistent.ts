/** `ergodic train toy/ebm-persistent` */
import { persistentContrastive } from "@ergodic/objectives";
import { langevin, replayBuffer } from "@ergodic/samplers";
import { ebmToy, start } from "../../preset-parts/ebm-toy.js";

/** Chains do not cross from mode to mode here: fresh starts alone tell how much each mode weighs. */
export default ebmToy({
  name: "toy/ebm-persistent",
  description: "persistent chains (arXiv 1903.08689)",
  objective: persistentContrastive({
    kernel: (energy) => langevin({ energy, stepSize: 0.2 }),
    steps: 20,
    buffer: replayBuffer({ size: 1_024, start, reinitialise: 0.05 }),
    penalty: 1e-3,
  }),
  learningRate: 3e-3,
});
