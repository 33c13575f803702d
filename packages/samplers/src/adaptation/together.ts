/** Searches that run side by side and whose measurements are made together. */

interface Waiting<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs one search for each group of chains. All chains advance together, so one call answers the
 * questions of all searches that are not done.
 *
 * @param answer from the questions in the order of the searches, `undefined` for those that are
 *   done, to their answers
 */
export function searchTogether<Q, A, R>(
  searches: readonly ((ask: (question: Q) => Promise<A>) => Promise<R>)[],
  answer: (questions: readonly (Q | undefined)[]) => Promise<readonly A[]>,
): Promise<R[]> {
  const waiting = new Map<number, Waiting<Q, A>>();
  let running = searches.length;
  const answerOnceAllWait = (): void => {
    if (waiting.size === 0 || waiting.size < running) return;
    const asked = new Map(waiting);
    waiting.clear();
    answer(searches.map((_, i) => asked.get(i)?.question)).then(
      (answers) => asked.forEach(({ resolve }, i) => resolve(answers[i]!)),
      (error: unknown) => asked.forEach(({ reject }) => reject(error)),
    );
  };
  return Promise.all(
    searches.map(async (search, i) => {
      try {
        return await search(
          (question) =>
            new Promise<A>((resolve, reject) => {
              waiting.set(i, { question, resolve, reject });
              answerOnceAllWait();
            }),
        );
      } finally {
        running -= 1;
        answerOnceAllWait();
      }
    }),
  );
}
