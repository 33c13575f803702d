/** Trees of tensors, random keys and validation: the base of all other packages. */
export { tree } from "./tree.js";
export type { Mapped, Structure, TensorTree, Tree } from "./tree.js";
export { fixedName, trainedPart, withTrained } from "./fixed.js";
export type { Trained } from "./fixed.js";
export type { Batches, BatchOptions, Dataset, DataSource } from "./data-source.js";
export { zipElementwise } from "./elementwise.js";
export { ema } from "./moving-average.js";
export type { MovingAverage } from "./moving-average.js";
export type { Schedule } from "./schedule.js";
export { random } from "./random.js";
export type { NormalOptions, UniformOptions, CategoryWeights } from "./random.js";
export { HostKey, isHostKey, isKey, keyBrand } from "./key.js";
export type { Key } from "./key.js";
export { assertDraw, drawDtype } from "./draw.js";
export type {
  BernoulliDraw,
  CategoricalDraw,
  Draw,
  IntegersDraw,
  NormalDraw,
  PermutationDraw,
  UniformDraw,
} from "./draw.js";
export { scaledLength, shortenedTo, squaredLength } from "./euclidean-length.js";
export type { ScaledLength } from "./euclidean-length.js";
export { freeNow } from "./free-now.js";
export { assertFitsMemory, describeBytes, machineMemory } from "./memory.js";
export { messageOf, systemProblem } from "./system-error.js";
export type { SystemProblem } from "./system-error.js";
export { inChunks } from "./in-chunks.js";
export { joined } from "./joined.js";
export { timesCount } from "./rates.js";
export { readScalars } from "./read-scalars.js";
export { drawArrays, hostDraw } from "./host-draw.js";
export type { HostDraw } from "./host-draw.js";
export { arrayForNormals, fillNormals, normalsInThread } from "./streams.js";
export type { NormalStreams, ThreadCode } from "./streams.js";
export type { Words } from "./threefry.js";
export { lazyWebAssembly } from "./web-assembly.js";
export { serveInHelper, sharedWork, sharedZeros, threadCount, useThreads } from "./threads.js";
export type { Finish, RunBlock, SharedWork } from "./threads.js";
export {
  ValidationError,
  assertCount,
  assertFinite,
  assertFunction,
  assertInRange,
  assertInteger,
  assertIsShape,
  assertNonNegative,
  assertNonNegativeInteger,
  assertOneOf,
  assertPositive,
  assertPositiveInteger,
  assertShape,
  describeValue,
  fail,
} from "./validation.js";
export type { Named, Range } from "./validation.js";
