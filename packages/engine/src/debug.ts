/** Debug mode: recorded kernels remember the line of the user's code that asked for them. */

const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env;
let enabled = environment?.["ERGODIC_DEBUG"] === "1";

/** Deep enough to climb out of TensorFlow.js' gradients. */
const DEPTH = 100;

/** Turns debug mode on or off for functions that are recorded from now on. It starts on where the environment has `ERGODIC_DEBUG=1`. */
export function debug(on: boolean): void {
  enabled = on;
}

/** The places of the call stack, innermost first, as `file:line:column`. */
function callers(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  return stack.split("\n").flatMap((line) => /((?:\w+:\/\/|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1] ?? []);
}

/** The folder this package runs from, with its sources or its bundle. */
const ownFolder = callers()[0]?.replace(/[^/\\]*$/, "");

/** TensorFlow.js as installed, and as its source maps call it. */
const TENSORFLOW = /[/\\](?:@tensorflow|tfjs-[\w-]+[/\\](?:src|dist))[/\\]/;

const isForeign = (place: string): boolean =>
  !TENSORFLOW.test(place) && (ownFolder === undefined || !place.startsWith(ownFolder));

/** In debug mode the innermost line outside TensorFlow.js and this package, as `file:line:column`. */
export const sourceLine = (): string | undefined => (enabled ? callers().find(isForeign) : undefined);

/** Ends a message with the line it is about, or with how to get it. */
export const describeOrigin = (origin: string | undefined): string =>
  origin === undefined ? " (For the line of your code, call debug(true) or set ERGODIC_DEBUG=1.)" : ` At ${origin}.`;
