/**
 * Checks of arguments, with messages that name the value, the broken rule and the remedy.
 *
 * Every package checks its options with these functions before it computes anything. A wrong number
 * is then reported where it was passed, not many calls later as NaN.
 */

/**
 * An argument broke a rule. The message says what was wrong, what was expected and how to correct
 * it.
 */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
}

/** Values under the names that the caller uses, as in `assertPositive({ stepSize })`. */
export type Named = { readonly [name: string]: unknown };

/** Levels of nested arrays that a message shows. Deeper arrays, also cyclic ones, are cut. */
const shownDepth = 3;

/** Writes a value for a message: strings are quoted and long values shortened. */
export function describeValue(value: unknown): string {
  return describeInside(value, shownDepth);
}

function describeInside(value: unknown, depth: number): string {
  if (typeof value === "string") return value.length > 60 ? `"${value.slice(0, 57)}..."` : `"${value}"`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `a function`;
  if (typeof value === "symbol" || value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) {
    if (depth === 0) return "[...]";
    const shown = value
      .slice(0, 8)
      .map((item) => describeInside(item, depth - 1))
      .join(", ");
    return value.length > 8 ? `[${shown}, ... ${value.length} items]` : `[${shown}]`;
  }
  const constructor: unknown = (value as { constructor?: unknown }).constructor;
  return typeof constructor === "function" && constructor !== Object ? `a ${constructor.name}` : "an object";
}

/** Throws `ValidationError: {found}, expected {expected}; {remedy}`. */
export function fail(found: string, expected: string, remedy?: string): never {
  throw new ValidationError(`${found}, expected ${expected}${remedy === undefined ? "" : `; ${remedy}`}`);
}

function assertEach(values: Named, holds: (value: number) => boolean, expected: string, remedy?: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "number" || !holds(value)) fail(`${name} is ${describeValue(value)}`, expected, remedy);
  }
}

/** Checks that every value is a finite number. */
export function assertFinite(values: Named, remedy?: string): void {
  assertEach(values, Number.isFinite, "a finite number", remedy);
}

/** Checks that every value is a finite number above zero. */
export function assertPositive(values: Named, remedy = "pass a number above 0"): void {
  assertEach(values, (value) => Number.isFinite(value) && value > 0, "a finite number > 0", remedy);
}

/** Checks that every value is a finite number, zero or above. */
export function assertNonNegative(values: Named, remedy = "pass 0 or a number above 0"): void {
  assertEach(values, (value) => Number.isFinite(value) && value >= 0, "a finite number >= 0", remedy);
}

/** Checks that every value is a whole number that a double holds exactly. */
export function assertInteger(values: Named, remedy = "pass a whole number"): void {
  assertEach(values, Number.isSafeInteger, "an integer", remedy);
}

/** Checks that every value is a whole number >= 1, such as a count or a size. */
export function assertPositiveInteger(values: Named, remedy = "pass a whole number of at least 1"): void {
  assertEach(values, (value) => Number.isSafeInteger(value) && value > 0, "an integer >= 1", remedy);
}

/**
 * Checks that every value is a whole number from 1 to `most`, such as a count of things to make.
 */
export function assertCount(values: Named, most: number, remedy = "choose a count in that range"): void {
  const holds = (value: number) => Number.isSafeInteger(value) && value >= 1 && value <= most;
  assertEach(values, holds, `an integer in [1, ${most}]`, remedy);
}

/** Checks that every value is a whole number >= 0. */
export function assertNonNegativeInteger(values: Named, remedy = "pass 0 or a whole number above 0"): void {
  assertEach(values, (value) => Number.isSafeInteger(value) && value >= 0, "an integer >= 0", remedy);
}

/** An interval. An end that is left out is unbounded; an open end is itself excluded. */
export type Range = {
  readonly min?: number;
  readonly max?: number;
  readonly minOpen?: boolean;
  readonly maxOpen?: boolean;
};

/** Checks that every value is a finite number within the range. */
export function assertInRange(values: Named, range: Range, remedy?: string): void {
  const { min = -Infinity, max = Infinity, minOpen = false, maxOpen = false } = range;
  const left = min === -Infinity || minOpen ? "(" : "[";
  const right = max === Infinity || maxOpen ? ")" : "]";
  const inside = (value: number): boolean =>
    Number.isFinite(value) && (minOpen ? value > min : value >= min) && (maxOpen ? value < max : value <= max);
  assertEach(values, inside, `a number in ${left}${min}, ${max}${right}`, remedy ?? `choose a value in that range`);
}

/** Checks that every value is one of the choices. */
export function assertOneOf(values: Named, choices: readonly unknown[]): void {
  const list = choices.map(describeValue).join(", ");
  for (const [name, value] of Object.entries(values)) {
    if (!choices.includes(value)) fail(`${name} is ${describeValue(value)}`, `one of ${list}`, "choose one of them");
  }
}

/** Checks that every value is the shape of a tensor: a list of whole numbers >= 0. */
export function assertIsShape(values: Named): void {
  for (const [name, value] of Object.entries(values)) {
    const valid = Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && (side as number) >= 0);
    if (!valid) fail(`${name} is ${describeValue(value)}`, "a shape: an array of integers >= 0", "for example [64, 2]");
  }
}

/** Checks that every value is a function. */
export function assertFunction(values: Named, remedy?: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== "function") fail(`${name} is ${describeValue(value)}`, "a function", remedy);
  }
}

/**
 * Checks that the tensor has this shape. `null` matches any side.
 *
 * @throws ValidationError, for example `energy has shape [32,1], expected [32]; squeeze the last
 *   axis`.
 */
export function assertShape(
  name: string,
  tensor: { readonly shape: readonly number[] },
  shape: readonly (number | null)[],
  remedy?: string,
): void {
  const matches =
    tensor.shape.length === shape.length && shape.every((side, axis) => side === null || side === tensor.shape[axis]);
  if (matches) return;
  const expected = shape.map((side) => side ?? "any").join(",");
  fail(`${name} has shape [${tensor.shape.join(",")}]`, `[${expected}]`, remedy ?? "reshape it or pass another tensor");
}
