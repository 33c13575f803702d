/** `ergodic train recovery/cifar10-t6` */
import { publishedRecovery } from "../../preset-parts/recovery-published.js";

export default publishedRecovery("recovery/cifar10-t6");
