/** Debug mode: each recorded kernel stores the line of the user's code that called it. */

const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env;
let enabled = environment?.["ERGODIC_DEBUG"] === "1";

/** Frames of the stack that are read: enough to pass the gradient code of TensorFlow.js. */
const DEPTH = 100;

/**
 * Turns debug mode on or off for functions that are recorded from now on.
 *
 * Debug mode is on at the start if the environment has `ERGODIC_DEBUG=1`.
 */
export function debug(on: boolean): void {
  enabled = on;
}

/** The call stack, innermost frame first, as `file:line:column`. */
function callers(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  return stack.split("\n").flatMap((line) => /((?:\w+:\/\/|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1] ?? []);
}

/** The folder that holds the sources or the bundle of this package. */
const ownFolder = callers()[0]?.replace(/[^/\\]*$/, "");

/** Paths of TensorFlow.js, as installed and as its source maps name them. */
const TENSORFLOW = /[/\\](?:@tensorflow|tfjs-[\w-]+[/\\](?:src|dist))[/\\]/;

const isForeign = (place: string): boolean =>
  !TENSORFLOW.test(place) && (ownFolder === undefined || !place.startsWith(ownFolder));

/**
 * In debug mode, the innermost line outside TensorFlow.js and this package, as `file:line:column`.
 */
export const sourceLine = (): string | undefined => (enabled ? callers().find(isForeign) : undefined);

/** The end of a message: the line of the user's code, or how to get it. */
export const describeOrigin = (origin: string | undefined): string =>
  origin === undefined ? " (For the line of your code, call debug(true) or set ERGODIC_DEBUG=1.)" : ` At ${origin}.`;
