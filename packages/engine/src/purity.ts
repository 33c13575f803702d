/**
 * Refuses calls whose result a program would repeat for ever: drawing random numbers without a key,
 * reading a clock, creating, assigning or reading a variable.
 *
 * While the function runs, which is synchronous, these calls are replaced by refusals. Kernels may
 * make them, because a backend may read clocks. Two kinds of state are not detected:
 *
 * - a captured number,
 * - a function that was extracted before, as by `const { random } = Math` or
 *   `import { randomInt } from "node:crypto"`.
 */
import * as tf from "@tensorflow/tfjs-core";
import { traceError } from "./errors.js";
import { withReplaced, type Replacement } from "./replaced.js";

type Callable = (...args: unknown[]) => unknown;

/** Throws the error that says why a call is refused, and the way out. */
type Refusal = (call: string) => never;

const refusing =
  (reason: string): Refusal =>
  (call) => {
    throw traceError(`a compiled function called ${call}. ${reason}`);
  };

const frozen = (what: string): string =>
  `A compiled function is recorded once and then runs as that program, so ${what} would be the same at every call.`;

const refuseRandomness = refusing(
  `${frozen("these random numbers")} Make a key an argument and draw from it: random.normal(key, shape), random.uniform(key, shape), ` +
    "random.bernoulli(key, shape, probability). Draw numbers that are meant to stay the same outside the function and capture them.",
);
const refuseClock = refusing(
  `${frozen("this time")} Read the clock before the call and pass the time as an argument: tf.scalar(seconds).`,
);
const refuseNewVariable = refusing(
  "Its program makes no variables. Take the state as an argument and return what it becomes.",
);
const refuseAssignment = refusing(
  `${frozen("the assigned value")} Return the new value and assign it after the call: variable.assign(await compiled(x)).`,
);
const refuseReading = refusing(
  `${frozen("the number that was read")} Compute with the variable itself, whose value is read at every call.`,
);

/**
 * Operations of TensorFlow.js that draw random numbers. A seed does not exempt them: a seed that
 * changes between calls would be recorded as a constant too.
 */
const DRAWING: ReadonlySet<string> = new Set([
  "multinomial",
  "rand",
  "randomGamma",
  "randomNormal",
  "randomStandardNormal",
  "randomUniform",
  "randomUniformInt",
  "truncatedNormal",
]);

const opOf = (scope: string | undefined): string | undefined =>
  scope?.endsWith(tf.OP_SCOPE_SUFFIX) ? scope.slice(0, -tf.OP_SCOPE_SUFFIX.length) : undefined;

/** The number of nested kernels that are running. */
let kernels = 0;

/** The method, refused outside kernels. It keeps its properties. */
const guarded = (method: Callable, call: string, refuse: Refusal): Callable =>
  new Proxy(method, {
    apply: (target, self, args: unknown[]) => (kernels > 0 ? Reflect.apply(target, self, args) : refuse(call)),
  });

/** The refusal of an own or inherited method. A host without the method needs none. */
function without(owner: object | undefined, name: string, call: string, refuse: Refusal): Replacement[] {
  const method = (owner as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof method === "function"
    ? [{ owner: owner!, name, value: guarded(method as Callable, call, refuse) }]
    : [];
}

/**
 * `Date` without the current time. Code that extracted `Date` before, as loggers do, is not
 * affected.
 */
function datesWithoutClock(): Replacement {
  const value = new Proxy(Date, {
    apply: (target) => (kernels > 0 ? target() : refuseClock("Date()")),
    construct: (target, args, self) =>
      args.length > 0 || kernels > 0 ? (Reflect.construct(target, args, self) as Date) : refuseClock("new Date()"),
    get: (target, name) => (name === "now" ? guarded(target.now, "Date.now", refuseClock) : Reflect.get(target, name)),
  });
  return { owner: globalThis, name: "Date", value };
}

function host(): Replacement[] {
  const { crypto, performance, process } = globalThis as Partial<typeof globalThis>;
  const nodeCrypto = process?.getBuiltinModule?.("node:crypto");
  return [
    ...without(Math, "random", "Math.random", refuseRandomness),
    ...without(crypto, "getRandomValues", "crypto.getRandomValues", refuseRandomness),
    ...without(crypto, "randomUUID", "crypto.randomUUID", refuseRandomness),
    ...["randomBytes", "randomFillSync", "randomInt", "randomUUID"].flatMap((name) =>
      without(nodeCrypto, name, `crypto.${name}`, refuseRandomness),
    ),
    datesWithoutClock(),
    ...without(performance, "now", "performance.now", refuseClock),
    ...without(process, "hrtime", "process.hrtime", refuseClock),
    ...without(process?.hrtime, "bigint", "process.hrtime.bigint", refuseClock),
    ...without(process, "uptime", "process.uptime", refuseClock),
    ...without(tf.env().platform, "now", "tf.util.now", refuseClock),
  ];
}

function tensorFlow(): Replacement[] {
  const engine = tf.engine();
  const { startScope, runKernel } = engine;
  const scope = (name?: string): void => {
    const op = opOf(name);
    if (op !== undefined && DRAWING.has(op)) {
      refuseRandomness(opOf(engine.state.activeScope?.name) === "dropout" ? "tf.dropout" : `tf.${op}`);
    }
    startScope.call(engine, name);
  };
  const kernel: typeof runKernel = (name, ...rest) => {
    if (name === tf.Multinomial) refuseRandomness(`the kernel ${name}`);
    kernels += 1;
    try {
      return runKernel.call(engine, name, ...rest) as never;
    } finally {
      kernels -= 1;
    }
  };
  // Copies of TensorFlow.js share one engine, yet each copy has its own class of variables.
  const classes = new Set(
    Object.values(engine.state.registeredVariables).map((variable) => Object.getPrototypeOf(variable) as object),
  );
  return [
    { owner: engine, name: "startScope", value: scope },
    { owner: engine, name: "runKernel", value: kernel },
    ...without(engine, "makeVariable", "tf.variable", refuseNewVariable),
    ...[...classes].flatMap((variable) => [
      ...without(variable, "assign", "assign of a variable", refuseAssignment),
      ...["dataSync", "data", "bytes"].flatMap((reader) =>
        without(variable, reader, `${reader} of a variable`, refuseReading),
      ),
    ]),
  ];
}

/**
 * Runs the synchronous `job` with these calls refused.
 *
 * @throws TraceError that names the refused call and the way out.
 */
export const purely = <T>(job: () => T): T => withReplaced([...host(), ...tensorFlow()], job);
