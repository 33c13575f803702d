/** `ergodic train recovery/lsun-church-64` */
import { publishedRecovery } from "../../preset-parts/recovery-published.js";

export default publishedRecovery("recovery/lsun-church-64");
