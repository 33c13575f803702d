/**
 * Bayesian linear regression with robust errors: a posterior with names and limits, sampled by
 * NUTS.
 *
 *     npx tsx examples/bayesian-regression.ts
 *     npx ergodic sample-target ./examples/bayesian-regression.ts
 */
import { formatSummary, nuts, openKernel, sample, summarize, warmUp } from "@ergodic/samplers";
import { positive, posterior, real } from "@ergodic/samplers/posterior";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { pathToFileURL } from "node:url";

/** y = 1 + 2 x with errors of 0.3, and two outliers. */
const inputs = Array.from({ length: 40 }, (_, i) => i / 20 - 1);
const errors = random.host.normal(random.key("errors"), inputs.length);
const outputs = inputs.map((x, i) => 1 + 2 * x + 0.3 * errors[i]! + (i === 3 || i === 30 ? 4 : 0));
const [x, y] = [tf.tensor2d([inputs]), tf.tensor2d([outputs])];

/** Errors follow Student's law with 4 degrees of freedom, so outliers hardly move the line. */
const model = posterior({
  parameters: { intercept: real(), slope: real(), scale: positive() },
  energy: ({ intercept, slope, scale }) => {
    const column = (value: tf.Tensor): tf.Tensor => tf.reshape(value, [-1, 1]); // [n] beside data [1, 40]
    const error = tf.div(tf.sub(y, tf.add(column(intercept), tf.mul(column(slope), x))), column(scale));
    const student = tf.mul(2.5, tf.sum(tf.log1p(tf.div(tf.square(error), 4)), 1));
    const priors = tf.mul(0.5, tf.add(tf.square(tf.div(intercept, 5)), tf.square(tf.div(slope, 5))));
    return tf.addN([student, tf.mul(inputs.length, tf.log(scale)), priors, scale]); // scale ~ Exp(1)
  },
});

export default model;

export async function main({ draws = 1_000 } = {}) {
  const kernel = openKernel(nuts({ energy: model.energy }));
  const tuned = await warmUp(kernel, { law: model.start, chains: 4 }, { steps: 500, key: random.key(0) });
  const { positions } = await sample(kernel, { initial: tuned, draws, key: random.key(1) });
  const rows = summarize(model.draws(positions));
  console.log(formatSummary(rows));
  await kernel.dispose();
  return rows;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
