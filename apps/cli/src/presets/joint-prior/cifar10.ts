/** `ergodic train joint-prior/cifar10 --set options.dataFrom=data/cifar10` */
import { jointPriorTable } from "../../preset-parts/joint-prior-table.js";
import { jointPriorTables } from "../../preset-parts/joint-prior-tables.js";

export default jointPriorTable(jointPriorTables.cifar10);
