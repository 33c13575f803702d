/** Every kernel that the TensorFlow executor supports, by name. */
import { collectives } from "./collectives.js";
import { convolutions } from "./convolutions.js";
import { elementwise } from "./elementwise.js";
import { indexing } from "./indexing.js";
import { layout } from "./layout.js";
import type { LoweringTable } from "./lowering.js";
import { normalisation } from "./normalisation.js";
import { pooling } from "./pooling.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";
import { resizing } from "./resizing.js";

export const lowerings: LoweringTable = {
  ...elementwise,
  ...reductions,
  ...layout,
  ...indexing,
  ...products,
  ...convolutions,
  ...pooling,
  ...resizing,
  ...normalisation,
  ...collectives,
};
