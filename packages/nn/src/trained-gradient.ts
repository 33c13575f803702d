/** The gradient of a loss with respect to the trained members. */
import type * as tf from "@tensorflow/tfjs-core";
import { valueAndGrad } from "@ergodic/engine";
import { trainedPart, withTrained, type TensorTree, type Trained } from "@ergodic/tensor";

type WithAux<A> = readonly [tf.Tensor, A];

/**
 * The function that returns the value of `loss` and its gradient with respect to the trained
 * members of `params`.
 *
 * `$fixed` members count as constants. All else is as in `valueAndGrad`, with `hasAux` too.
 */
export function trainedGradient<P extends TensorTree, A extends TensorTree>(
  loss: (params: P) => WithAux<A>,
  options: { hasAux: true },
): (params: P) => { value: tf.Scalar; grad: Trained<P>; aux: A };
export function trainedGradient<P extends TensorTree>(
  loss: (params: P) => tf.Tensor,
): (params: P) => { value: tf.Scalar; grad: Trained<P> };
export function trainedGradient<P extends TensorTree, A extends TensorTree>(
  loss: (params: P) => tf.Tensor | WithAux<A>,
  options?: { hasAux: true },
): (params: P) => { value: tf.Scalar; grad: Trained<P>; aux?: A } {
  return (params) => {
    const whole = (trained: TensorTree): P => withTrained(params, trained as unknown as P);
    const trained = trainedPart(params) as unknown as TensorTree;
    const result = options?.hasAux
      ? valueAndGrad((part: TensorTree) => loss(whole(part)) as WithAux<A>, options)(trained)
      : valueAndGrad((part: TensorTree) => loss(whole(part)) as tf.Tensor)(trained);
    return { ...result, grad: result.grad as unknown as Trained<P> };
  };
}
