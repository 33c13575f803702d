/**
 * FamilyName: an energy of points, learned by persistent chains. Replace this line by the model and
 * how it learns.
 */
export { familyName } from "./learner.js";
export type { FamilyNameLearner } from "./learner.js";
export type { FamilyNameState } from "./learning.js";
export type { FamilyNameOptions } from "./options.js";
