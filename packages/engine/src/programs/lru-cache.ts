/**
 * A map with a bounded number of entries. Beyond `capacity` the least recently used entry is
 * evicted.
 */
export class LruCache<K, V> {
  private readonly entries = new Map<K, V>();

  constructor(
    private readonly capacity: number,
    private readonly evicted: (value: V) => void,
  ) {}

  get(key: K): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined && this.entries.size > 1) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.entries.set(key, value);
    if (this.entries.size <= this.capacity) return;
    const [oldest, left] = this.entries.entries().next().value as [K, V];
    this.entries.delete(oldest);
    this.evicted(left);
  }

  /** Empties the map and returns its values. */
  drain(): V[] {
    const values = [...this.entries.values()];
    this.entries.clear();
    return values;
  }
}
