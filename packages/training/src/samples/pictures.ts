/** Values on the host with their shape, as `await tensor.data()` gives them. */
export interface Pictures {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
}
