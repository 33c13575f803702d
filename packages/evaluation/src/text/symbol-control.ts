/** Whether sentences that are sampled given a symbol agree in their class. */
import type { Tokens } from "@ergodic/data";

export interface SymbolControl {
  /** The mean over symbols of the share of sentences in the symbol's commonest class. */
  readonly value: number;
  readonly symbols: readonly {
    /** The commonest class of its sentences; undefined if none has a class. */
    readonly class: number | undefined;
    readonly share: number;
    /** A few sentences. */
    readonly examples: readonly string[];
  }[];
  /** Sentences of each symbol. */
  readonly sentences: number;
}

/** Sentences of a symbol that are kept to be shown. */
const shown = 20;

/**
 * @param bySymbol sentences of each symbol
 * @param classes the class of each sentence of each symbol; undefined for a sentence that has none
 */
export function symbolControl(
  bySymbol: readonly (readonly Tokens[])[],
  classes: readonly (readonly (number | undefined)[])[],
): SymbolControl {
  const symbols = bySymbol.map((sentences, symbol) => {
    const counts = new Map<number, number>();
    for (const found of classes[symbol]!) if (found !== undefined) counts.set(found, (counts.get(found) ?? 0) + 1);
    const [commonest, count] = [...counts].reduce<readonly [number | undefined, number]>(
      (best, entry) => (entry[1] > best[1] ? entry : best),
      [undefined, 0],
    );
    return {
      class: commonest,
      share: count / sentences.length,
      examples: sentences.slice(0, shown).map((sentence) => sentence.join(" ")),
    };
  });
  const value = symbols.reduce((sum, { share }) => sum + share, 0) / symbols.length;
  return { value, symbols, sentences: bySymbol[0]?.length ?? 0 };
}
