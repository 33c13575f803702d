/** Puts values in the place of properties for as long as a job runs. */

export interface Replacement {
  readonly owner: object;
  readonly name: PropertyKey;
  readonly value: unknown;
}

/**
 * Runs `job`, which must be synchronous, and puts back what was there, also when `job` throws.
 *
 * Properties of frozen objects stay as they are.
 */
export function withReplaced<T>(replacements: readonly Replacement[], job: () => T): T {
  const restorations: (() => void)[] = [];
  try {
    for (const { owner, name, value } of replacements) {
      const own = Object.getOwnPropertyDescriptor(owner, name);
      const enumerable = own?.enumerable ?? false;
      if (!Reflect.defineProperty(owner, name, { value, enumerable, writable: true, configurable: true })) continue;
      restorations.push(() => {
        if (own === undefined) Reflect.deleteProperty(owner, name);
        else Object.defineProperty(owner, name, own);
      });
    }
    return job();
  } finally {
    for (const restore of restorations.reverse()) restore();
  }
}
