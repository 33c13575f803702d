/** A learner with a second one beside it, for comparison. */
import type * as tf from "@tensorflow/tfjs-core";
import { fail, type Key } from "@ergodic/tensor";
import type { Learner, LearnerState } from "./learner.js";

/** Parts of both learners. `rest` holds the states without `params`. */
export interface PairedState<S extends LearnerState, B extends LearnerState> extends LearnerState {
  readonly params: { readonly model: S["params"]; readonly baseline: B["params"] };
  readonly rest: { readonly model: Omit<S, "params">; readonly baseline: Omit<B, "params"> };
}

/**
 * `learner` with `baseline` beside it. Both see the same batches and the same random numbers, so
 * their difference is that of the models.
 *
 * - Samples, scores, chains and all other functions are those of `learner`.
 * - `scores` has the scores of the baseline too: `baseline` is its `score`, and its score `name` is
 *   `baseline.name`.
 * - The metrics of the baseline are `baseline.name`.
 *
 * Each learner learns as it does alone with the same seed.
 *
 * @throws ValidationError when the learners know different phases
 */
export function withBaseline<S extends LearnerState, B extends LearnerState, Batch>(
  learner: Learner<S, Batch>,
  baseline: Learner<B, Batch>,
): Learner<PairedState<S, B>, Batch> {
  const phases = [learner, baseline].map((of) => (of.phases ?? []).join(", "));
  if (phases[0] !== phases[1])
    fail(`the phases of the baseline are "${phases[1]}"`, `those of the learner, "${phases[0]}"`);
  type State = PairedState<S, B>;
  const own = ({ params, rest }: State): S => ({ ...rest.model, params: params.model }) as unknown as S;
  const other = ({ params, rest }: State): B => ({ ...rest.baseline, params: params.baseline }) as unknown as B;
  const paired = ({ params: model, ...left }: S, { params: base, ...right }: B): State => ({
    params: { model, baseline: base },
    rest: { model: left, baseline: right },
  });
  const renamed = <T>(values: Readonly<Record<string, T>>, name: (of: string) => string): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([of, value]) => [name(of), value]));

  const scores = async (state: State, batch: Batch, key: Key): Promise<Record<string, tf.Tensor1D>> => ({
    ...(await allScores(learner, own(state), batch, key)),
    ...renamed(await allScores(baseline, other(state), batch, key), (of) =>
      of === "score" ? "baseline" : `baseline.${of}`,
    ),
  });
  return {
    ...delegated(learner, own),
    async init(key, example) {
      return paired(await learner.init(key, example), await baseline.init(key, example));
    },
    async update(state, batch, context) {
      const first = await learner.update(own(state), batch, context);
      const second = await baseline.update(other(state), batch, context);
      return {
        state: paired(first.state, second.state),
        metrics: { ...first.metrics, ...renamed(second.metrics, (of) => `baseline.${of}`) },
      };
    },
    ...(learner.score && baseline.score && { scores }),
    describe: () => [learner, baseline].map((of) => of.describe?.() ?? "a model").join("; beside it "),
    async dispose() {
      await learner.dispose?.();
      await baseline.dispose?.();
    },
  };
}

/** All scores of a learner that has `score`. */
export async function allScores<S extends LearnerState, Batch>(
  learner: Pick<Learner<S, Batch>, "score" | "scores">,
  state: S,
  batch: Batch,
  key: Key,
): Promise<Readonly<Record<string, tf.Tensor1D>>> {
  return learner.scores?.(state, batch, key) ?? { score: await learner.score!(state, batch, key) };
}

/** The functions of a learner, for states that contain its own. */
function delegated<S extends LearnerState, T extends LearnerState, Batch>(
  learner: Learner<S, Batch>,
  own: (state: T) => S,
): Omit<Learner<T, Batch>, "init" | "update"> {
  const of = <Rest extends unknown[], R>(
    method: ((state: S, ...rest: Rest) => R) | undefined,
    self: unknown = learner,
  ) => method && ((state: T, ...rest: Rest): R => method.call(self, own(state), ...rest));
  const { phases, classes, data, show, latents, likelihood, translation } = learner;
  return present({
    sample: of(learner.sample),
    sampleClass: of(learner.sampleClass),
    reconstruct: of(learner.reconstruct),
    score: of(learner.score),
    classify: of(learner.classify),
    symbols: of(learner.symbols),
    panels: of(learner.panels),
    diagnose: of(learner.diagnose),
    chains: of(learner.chains),
    exports: of(learner.exports),
    data: data?.bind(learner),
    show: show?.bind(learner),
    ...{ phases, classes },
    latents:
      latents &&
      present({
        infer: of(latents.infer, latents),
        sample: of(latents.sample, latents),
        decode: of(latents.decode, latents),
        redraw: of(latents.redraw, latents),
      }),
    translation:
      translation &&
      present({
        steps: translation.steps,
        channels: translation.channels,
        parts: (how: Parameters<typeof translation.parts>[0]) => translation.parts(how).map((path) => `model.${path}`),
        observe: translation.observe.bind(translation),
        translate: of(translation.translate, translation)!,
        predict: of(translation.predict, translation),
      }),
    likelihood:
      likelihood &&
      present({
        discrete: likelihood.discrete,
        partition: of(likelihood.partition, likelihood),
        logWeights: of(likelihood.logWeights, likelihood),
      }),
  });
}

/** The members that are not undefined. */
const present = <M extends object>(members: M): { [Name in keyof M]: NonNullable<M[Name]> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
