/** `ergodic train recovery/celeba-64` */
import { publishedRecovery } from "../../preset-parts/recovery-published.js";

export default publishedRecovery("recovery/celeba-64");
