/**
 * Explains why a run diverged (the data, the steps of its chains, or the learning rates), and which
 * settings to change.
 */
import { type Batches, type Dataset, messageOf } from "@ergodic/tensor";
import type { Config } from "./config.js";
import { checkData, type DataFinding } from "./data-check.js";
import { flattenJson } from "./json.js";

export interface Explanation {
  /**
   * - `data`: the batches hold bad values.
   * - `steps`: it diverged before anything was learned.
   * - `rates`: learning caused it; the learning rates are the first suspect.
   */
  readonly reason: "data" | "steps" | "rates";
  /** One or two sentences. */
  readonly text: string;
  /** Suggested changes. */
  readonly remedy: string;
}

/** What to explain, and the data and settings to check. */
export interface Evidence<B> {
  /** The iteration, counted from 1, of the first bad value. */
  readonly since: number;
  /** The iteration, counted from 1, after which it was noticed. */
  readonly iteration: number;
  /** Completed iterations of the last good checkpoint. */
  readonly lastGood: number;
  readonly dataset: Dataset<B>;
  readonly batches: Batches<B>;
  readonly config: Config;
}

/**
 * Explains a divergence. The data are checked first, then step sizes and learning rates. A
 * divergence in the first iteration cannot be due to learning rates, because nothing was learned.
 * Never throws.
 */
export async function explain<B>(evidence: Evidence<B>): Promise<Explanation> {
  const { since, iteration, lastGood, dataset, batches, config } = evidence;
  const data = await checkData(dataset, batches, { from: lastGood, to: iteration }).catch(
    (error: unknown): DataFinding => ({ sound: true, text: `could not be read again: ${messageOf(error)}` }),
  );
  if (!data.sound) {
    return {
      reason: "data",
      text: `The data are the cause: ${data.text}.`,
      remedy: "What helps: remove such values from the data, or bring them to the usual range.",
    };
  }
  const { rates, steps } = movingSettings(config);
  const excuse = data.text === "" ? "" : `The data are as expected (${data.text}). `;
  const general =
    "What helps: a lower learning rate (of the prior or energy first), clipping the gradients, fewer or smaller Langevin steps, another seed.";
  return since === 1
    ? {
        reason: "steps",
        text: `${excuse}It was so in the first iteration, before anything was learned: steps of chains that are too large are the likely cause.`,
        remedy: [`What helps: fewer or smaller Langevin steps.`, ...suggestion(steps)].join(" "),
      }
    : {
        reason: "rates",
        text: `${excuse}Learning made it so: rates that are too large are the likely cause, then steps of chains.`,
        remedy: [general, ...suggestion([...rates, ...steps])].join(" "),
      };
}

interface Setting {
  readonly path: string;
  readonly value: number;
}

/** Settings of the experiment whose names say that they are learning rates or step sizes. */
function movingSettings({ options }: Config): { rates: Setting[]; steps: Setting[] } {
  const numbers = [...flattenJson({ options })].flatMap(([path, value]) =>
    typeof value === "number" && value > 0 ? [{ path, value }] : [],
  );
  const named = (pattern: RegExp) => numbers.filter(({ path }) => pattern.test(path));
  return { rates: named(/(^|[a-z_.])([Rr]ate|[Ll][Rr])$/), steps: named(/[Ss]tep_?[Ss]ize$/) };
}

/** Each setting at a tenth of its value. */
function suggestion(settings: readonly Setting[]): string[] {
  if (settings.length === 0) return [];
  const changes = settings.map(({ path, value }) => `--set ${path}=${Number((value / 10).toPrecision(3))}`);
  return [`For instance ${changes.join(", or ")}.`];
}
