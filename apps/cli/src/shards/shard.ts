/** A share of a computation: the part that one of several processes computes. */
import { InvalidArgumentError } from "commander";

export interface Shard {
  /** From 1 to `of`. */
  readonly index: number;
  readonly of: number;
}

/** Parses a share such as `2/8`: the second of eight. */
export function shard(text: string): Shard {
  const [, index, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || index < 1 || index > of)
    throw new InvalidArgumentError("Expected a share k/n with k from 1 to n, for instance 2/8.");
  return { index, of };
}

/** The consecutive pieces that belong to a share. Shares differ by at most one piece. */
export const shareOf = (count: number, { index, of }: Shard): { readonly from: number; readonly to: number } => ({
  from: Math.floor(((index - 1) * count) / of),
  to: Math.floor((index * count) / of),
});

export const shardName = ({ index, of }: Shard): string => `${index}-of-${of}`;
