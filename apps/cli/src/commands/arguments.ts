/** Reading option values; a value that can't be read ends with exit code 2 and says what was expected. */
import { InvalidArgumentError } from "commander";

/** A whole number of at least 1. */
export function count(text: string): number {
  return wholeNumber(text, 1);
}

/** A seed: a whole number from 0. */
export function seed(text: string): number {
  return wholeNumber(text, 0);
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
  const value = Number(text);
  if (text.trim() === "" || !Number.isSafeInteger(value) || value < least) {
    throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
  }
  return value;
}
