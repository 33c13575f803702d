/** `ergodic train recovery/cifar10-t1k` */
import { publishedRecovery } from "../../preset-parts/recovery-published.js";

export default publishedRecovery("recovery/cifar10-t1k");
