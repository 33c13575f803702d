/** `ergodic train joint-prior/celeba-64 --set options.dataFrom=data/celeba` */
import { jointPriorTable } from "../../preset-parts/joint-prior-table.js";
import { jointPriorTables } from "../../preset-parts/joint-prior-tables.js";

export default jointPriorTable(jointPriorTables.celeba64);
