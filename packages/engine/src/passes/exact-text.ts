/** Attributes and other plain data as text that differs wherever they differ. */

/** Distinguishes NaN, Infinity and -Infinity, and -0 from 0, which JSON does not. */
const exactly = (_: string, value: unknown): unknown =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
    ? { number: Object.is(value, -0) ? "-0" : String(value) }
    : value;

export const exactText = (data: unknown): string => JSON.stringify(data, exactly);
