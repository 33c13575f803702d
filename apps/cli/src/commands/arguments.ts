/** Reading option values; a value that can't be read ends with exit code 2 and says what was expected. */
import { InvalidArgumentError } from "commander";

/** A whole number of at least 1. */
export function count(text: string): number {
  return wholeNumber(text, 1);
}

/** A seed, or a number that may be none: a whole number from 0. */
export function seed(text: string): number {
  return wholeNumber(text, 0);
}

/** A number above 0. */
export function positive(text: string): number {
  return numberWhere(text, (value) => value > 0, "a number above 0");
}

/** A number between 0 and 1, both excluded. */
export function fraction(text: string): number {
  return numberWhere(text, (value) => value > 0 && value < 1, "a number between 0 and 1");
}

/** Collects a repeatable option. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** `fpd,mse` as a list without empty entries. */
export function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function wholeNumber(text: string, least: number): number {
  const holds = (value: number) => Number.isSafeInteger(value) && value >= least;
  return numberWhere(text, holds, `a whole number of at least ${least}`);
}

function numberWhere(text: string, holds: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || !holds(value)) {
    throw new InvalidArgumentError(`Expected ${expected}.`);
  }
  return value;
}
