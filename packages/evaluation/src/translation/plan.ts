/** An experiment's `evaluation` for a model that translates: pairs that training never sees. */
import type { IndexedDataset } from "@ergodic/data";
import { fail } from "@ergodic/tensor";
import type { DataSource } from "@ergodic/training";

export interface TranslationPlan {
  /**
   * Pairs in batches like those of training, but with example i of one side belonging to example i
   * of the other.
   */
  readonly pairs: DataSource;
}

/**
 * The plan in an experiment's `evaluation`; undefined when it names no pairs.
 *
 * @throws ValidationError when `pairs` is no data source
 */
export function readTranslationPlan(value: unknown): TranslationPlan | undefined {
  const { pairs } = (value ?? {}) as Partial<TranslationPlan>;
  if (pairs === undefined) return undefined;
  if (typeof pairs.load === "function") return { pairs };
  return fail("experiment.evaluation.pairs is no data source", "pairs of examples", "for example paired(x, y)");
}

/** The pairs of a plan. @throws ValidationError for a data set without `take` */
export async function loadPairs({ pairs }: TranslationPlan): Promise<IndexedDataset<unknown>> {
  const dataset = await pairs.load();
  if ("take" in dataset && typeof dataset.take === "function") return dataset as IndexedDataset<unknown>;
  return fail(
    `${dataset.description} has no take()`,
    "pairs that are found by their numbers",
    "for example paired(x, y)",
  );
}
