/** Attributes and other plain data as text that differs wherever they differ. */

/** Distinguishes NaN, Infinity and -Infinity, and -0 from 0, which JSON does not. */
const exactly = (_: string, value: unknown): unknown =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? { number: Object.is(value, -0) ? "-0" : String(value) }
    : value;

/** Graphs are traversed many times, and plain data in them never changes. */
const texts = new WeakMap<object, string>();

export function exactText(data: object | number): string {
  if (typeof data === "number") return JSON.stringify(data, exactly);
  const text = texts.get(data) ?? JSON.stringify(data, exactly);
  texts.set(data, text);
  return text;
}
