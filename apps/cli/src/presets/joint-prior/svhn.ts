/** `ergodic train joint-prior/svhn --set options.dataFrom=data/svhn` */
import { jointPriorTable } from "../../preset-parts/joint-prior-table.js";
import { jointPriorTables } from "../../preset-parts/joint-prior-tables.js";

export default jointPriorTable(jointPriorTables.svhn);
