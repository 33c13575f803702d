/** A property whose value is replaced while a job runs. */

export interface Replacement {
  readonly owner: object;
  readonly name: PropertyKey;
  readonly value: unknown;
}

/**
 * Runs the synchronous `job` with the properties replaced. They are restored, also when `job`
 * throws.
 *
 * Properties of frozen objects are not replaced.
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
