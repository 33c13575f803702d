/** Command-line options of `npm run bench:samplers`. */
import { parseArgs } from "node:util";
import { chosenFrom, wholeNumber } from "../option-values.js";
import { targets } from "./targets.js";

export interface Options {
  readonly targets: readonly string[];
  /** Numbers of chains. Default: those of the target, else 64 and 512. */
  readonly chains?: readonly number[] | undefined;
  /** Runs of each sampler after its first one. */
  readonly repeats: number;
  /** A JSON file: data by the name of the target, in place of those that are made up. */
  readonly data?: string | undefined;
  readonly help: boolean;
}

const names = Object.keys(targets);

export const usage = `Usage: npm run bench:samplers -- [options]

Measures effective samples per second of NUTS in Ergodic, and in NumPyro and BlackJAX where a Python that has them is
found (PYTHON, else python3).

  --targets NAME,... only these: ${names.join(", ")}
  --chains N,...     numbers of chains (default: those of the target, else 64,512)
  --repeats N        runs of each sampler after its first one (default 3)
  --data FILE        JSON: data by the name of the target, in place of those that are made up
  --help

  PYTHON=.venv/bin/python npm run bench:samplers -- --targets eight-schools --chains 64`;

/**
 * Parses the command line.
 *
 * @throws Error that names the wrong option and what is expected.
 */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      targets: { type: "string" },
      chains: { type: "string" },
      repeats: { type: "string", default: "3" },
      data: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return {
    targets: chosenFrom("target", names, values.targets),
    chains: values.chains?.split(",").map((text) => wholeNumber("chains", text)),
    repeats: wholeNumber("repeats", values.repeats),
    data: values.data,
    help: values.help,
  };
}
