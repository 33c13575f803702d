/** `ergodic train recovery/lsun-bedroom-128` */
import { publishedRecovery } from "../../preset-parts/recovery-published.js";

export default publishedRecovery("recovery/lsun-bedroom-128");
