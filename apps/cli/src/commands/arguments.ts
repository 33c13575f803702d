/** Parsers of option values. An invalid value ends with exit code 2 and says what was expected. */
import { InvalidArgumentError } from "commander";

/** Upper bound of counts. The memory limit is checked where the size of an item is known. */
const mostOfAnything = 1_000_000_000;

/** Parses an integer from 1 to 1,000,000,000. */
export function count(text: string): number {
  return wholeNumber(text, 1, mostOfAnything);
}

/** Parses an integer from `least` to `most`. */
export function countUpTo(most: number, least = 1): (text: string) => number {
  return (text) => wholeNumber(text, least, most);
}

/** Parses an integer from 0 to 1,000,000,000. */
export function countOrNone(text: string): number {
  return wholeNumber(text, 0, mostOfAnything);
}

/** Parses a seed or an iteration number: an integer from 0. */
export function seed(text: string): number {
  return wholeNumber(text, 0);
}

/** Parses classes such as `3` or `0,1,2`. */
export function classes(text: string): number[] {
  return text.split(",").map((part) => wholeNumber(part, 0, mostOfAnything));
}

/** Parses a number above 0. */
export function positive(text: string): number {
  return numberWhere(text, (value) => value > 0, "a number above 0");
}

/** Parses a number between 0 and 1, both excluded. */
export function fraction(text: string): number {
  return numberWhere(text, (value) => value > 0 && value < 1, "a number between 0 and 1");
}

/** Collects a repeatable option. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Parses `fpd,mse` as a list without empty entries. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Collects a repeatable option whose values are lists: `z1,z2`. */
export function groups(text: string, before: readonly (readonly string[])[] = []): (readonly string[])[] {
  return [...before, list(text)];
}

function wholeNumber(text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const holds = (value: number) => Number.isSafeInteger(value) && value >= least && value <= most;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return numberWhere(text, holds, `a whole number ${range}`);
}

function numberWhere(text: string, holds: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || !holds(value)) {
    throw new InvalidArgumentError(`Expected ${expected}.`);
  }
  return value;
}
