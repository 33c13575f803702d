/** Agreement of the symbols that a model has found with the classes of held-out examples. */
import { fail, random, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import type { Classified, Dataset } from "@ergodic/training";
import { clusteringScores } from "../clustering.js";
import type { OnProgress } from "../progress.js";
import { overTestBatches, usedExamples } from "./test-batches.js";

export const symbolMetrics = ["symbols"] as const;

export interface SymbolScores {
  readonly symbols?: {
    /** 1 - H(class | symbol)/H(class), with the likeliest symbol of each example. */
    readonly homogeneity: number;
    /** The same of the same symbols in random order: what many symbols have by chance. */
    readonly chance: number;
    readonly completeness: number;
    /** Mutual information of example and symbol by the model's probabilities, in nats. */
    readonly information: number;
    /** Symbols that some example has. */
    readonly used: number;
    readonly symbols: number;
    readonly test: { readonly description: string; readonly count: number };
  };
}

export interface SymbolScoring {
  /** Undefined if the model has no symbols. */
  readonly symbols: ((batch: unknown) => Promise<Classified>) | undefined;
  readonly test: Dataset<unknown>;
  /** Maximum number of examples. */
  readonly n: number;
  readonly key: Key;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Scores of all test examples together. The same key gives the same numbers.
 *
 * @throws ValidationError when the model has no symbols, or returns other shapes than it should
 */
export async function symbolScores(scoring: SymbolScoring): Promise<SymbolScores> {
  const { symbols: symbolsOf, test, key } = scoring;
  if (symbolsOf === undefined)
    throw new ValidationError("the model has found no symbols; symbols needs a learner with symbols().");
  const [found, classes]: [number[], number[]] = [[], []];
  let total = new Float64Array(0);
  let given = 0;
  const count = usedExamples(test, scoring.n);
  const answers = overTestBatches(test, { ...scoring, what: "finding symbols" }, async (batch) => {
    const answer = await symbolsOf(batch);
    const [rows, width] = answer.logProbabilities.shape;
    if (answer.labels.size !== rows)
      fail(`symbols() returned ${rows} rows and ${answer.labels.size} labels`, "one of either for each example");
    const arrays = {
      logs: { shape: [rows, width], values: await answer.logProbabilities.data<"float32">() },
      labels: { shape: [rows], values: Int32Array.from(await answer.labels.data()) },
    };
    tree.dispose(answer as unknown as TensorTree);
    return arrays;
  });
  for await (const { logs: answer, labels } of answers) {
    const [rows, width] = answer.shape as [number, number];
    const logs = answer.values;
    classes.push(...labels.values);
    if (total.length === 0) total = new Float64Array(width);
    for (let i = 0; i < rows; i++) {
      const row = logs.subarray(i * width, (i + 1) * width);
      found.push(row.indexOf(Math.max(...row)));
      row.forEach((log, s) => {
        total[s]! += Math.exp(log);
        given -= Math.exp(log) * log;
      });
    }
  }
  const seen = found.length;
  const own = found.slice(0, count);
  const order = random.host.permutation(random.fold(key, 1), count);
  const agreement = clusteringScores(classes.slice(0, count), own);
  const shuffled = Array.from(order, (i) => own[i]!);
  return {
    symbols: {
      homogeneity: agreement.homogeneity,
      chance: clusteringScores(classes.slice(0, count), shuffled).homogeneity,
      completeness: agreement.completeness,
      information: entropyOf(total.map((sum) => sum / seen)) - given / seen,
      used: new Set(own).size,
      symbols: total.length,
      test: { description: test.description, count },
    },
  };
}

const entropyOf = (shares: Float64Array): number =>
  shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
