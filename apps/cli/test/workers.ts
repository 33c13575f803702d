/** Whether this machine's native library can join clusters. Without it, tests of workers are skipped. */
import { nativeTensorFlow } from "@ergodic/engine";

export const joinsClusters = (await nativeTensorFlow()).joinsClusters();

if (!joinsClusters)
  console.warn(
    "Not tested with several workers: there is no build of TensorFlow's library (ergodic engine add tensorflow).",
  );
