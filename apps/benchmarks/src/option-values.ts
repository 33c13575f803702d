/** Values of command-line options. */

/**
 * The names in a comma-separated list, or all names without a list.
 *
 * @throws Error that names the first unknown one and the known ones.
 */
export function chosenFrom(what: string, known: readonly string[], list: string | undefined): readonly string[] {
  if (list === undefined) return known;
  const names = list.split(",").map((name) => name.trim());
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new Error(`unknown ${what} "${wrong}"; expected some of ${known.join(", ")}.`);
  return names;
}

/** @throws Error that names the option and what is expected. */
export function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${option} is "${text}"; expected a whole number of at least 1.`);
  return value;
}
