/** Helpers for plain JSON values, used to read and compare configurations. */

/** A value that survives `JSON.parse(JSON.stringify(value))` unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = { readonly [name: string]: Json };

/** True for objects written as `{...}`: not arrays, not class instances. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Names that every object inherits, such as `constructor`. They are never names of settings. */
const inherited: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** Whether a setting may have this name. */
export function isSettingName(name: string): boolean {
  return !inherited.has(name);
}

/**
 * Path of the first forbidden setting name inside `value`, at any depth, or of the first value that
 * contains itself.
 */
export function firstUnfit(value: unknown, path: string, above: readonly unknown[] = []): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (above.includes(value)) return path;
  for (const [name, item] of Object.entries(value)) {
    const place = `${path}.${name}`;
    const found = isSettingName(name) ? firstUnfit(item, place, [...above, value]) : place;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Path of the first value inside `value` that JSON cannot represent (a function, NaN, a class
 * instance), or undefined.
 */
export function firstNonJson(value: unknown, path: string): string | undefined {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean")
    return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : path;
  const children = Array.isArray(value) ? value.map((item, i) => [String(i), item]) : undefined;
  if (children === undefined && !isPlainObject(value)) return path;
  for (const [name, item] of (children ?? Object.entries(value)) as [string, unknown][]) {
    const found = firstNonJson(item, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Leaves of a JSON value by dotted path. Empty arrays and objects count as leaves. */
export function flattenJson(value: unknown, path = ""): Map<string, unknown> {
  const entries = Array.isArray(value) ? [...value.entries()] : isPlainObject(value) ? Object.entries(value) : [];
  if (entries.length === 0) return new Map(value === undefined ? [] : [[path, value]]);
  return new Map(
    entries.flatMap(([name, item]) => [...flattenJson(item, path === "" ? `${name}` : `${path}.${name}`)]),
  );
}

/** JSON text with sorted object keys. Equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    isPlainObject(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  );
}

/** Parses JSON. Undefined for invalid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
