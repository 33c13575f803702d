/** Every kernel the ONNX Runtime executor knows, by name. */
import { convolutions } from "./convolutions.js";
import { elementwise } from "./elementwise.js";
import { layout } from "./layout.js";
import type { LoweringTable } from "./lowering.js";
import { products } from "./products.js";
import { reductions } from "./reductions.js";

export const lowerings: LoweringTable = { ...elementwise, ...reductions, ...layout, ...products, ...convolutions };
