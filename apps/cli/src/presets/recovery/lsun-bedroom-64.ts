/** `ergodic train recovery/lsun-bedroom-64` */
import { publishedRecovery } from "../../preset-parts/recovery-published.js";

export default publishedRecovery("recovery/lsun-bedroom-64");
