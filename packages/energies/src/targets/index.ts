/** Targets for samplers, with their exact moments and quantities. */
import { bananaTarget, rosenbrock } from "./curved.js";
import { eightSchools } from "./eight-schools.js";
import { funnel, nonCentredFunnel } from "./funnel.js";
import { bimodal, doubleWellTarget, gaussianRingTarget } from "./multimodal.js";
import { correlatedNormal, illConditionedNormal, standardNormalTarget } from "./normals.js";
import { studentT } from "./student-t.js";
import type { Target } from "./target.js";

export { bananaTarget, rosenbrock } from "./curved.js";
export { eightSchools } from "./eight-schools.js";
export type { EightSchoolsOptions } from "./eight-schools.js";
export { funnel, nonCentredFunnel } from "./funnel.js";
export type { FunnelOptions } from "./funnel.js";
export { bimodal, doubleWellTarget, gaussianRingTarget, mixtureTarget } from "./multimodal.js";
export { correlatedNormal, illConditionedNormal, standardNormalTarget } from "./normals.js";
export { studentT } from "./student-t.js";
export type { Quantity, Target } from "./target.js";

/** Every target in its usual form, under its name. */
export const targets = {
  "standard-normal": () => standardNormalTarget(),
  "correlated-normal": () => correlatedNormal(),
  "ill-conditioned-normal": () => illConditionedNormal(),
  funnel: () => funnel(),
  "funnel-non-centred": () => nonCentredFunnel(),
  banana: () => bananaTarget(),
  rosenbrock: () => rosenbrock(),
  bimodal: () => bimodal(),
  "gaussian-ring": () => gaussianRingTarget(),
  "double-well": () => doubleWellTarget(),
  "student-t": () => studentT(),
  "eight-schools": () => eightSchools(),
  "eight-schools-centred": () => eightSchools({ form: "centred" }),
  "eight-schools-log-normal": () => eightSchools({ prior: "log-normal" }),
  "eight-schools-centred-log-normal": () => eightSchools({ form: "centred", prior: "log-normal" }),
} satisfies { readonly [name: string]: () => Target };
