/** Command-line options. */
import { parseArgs } from "node:util";
import { cases } from "./cases/index.js";
import { chosenFrom, wholeNumber } from "./option-values.js";
import { peers } from "./peers.js";

export interface Options {
  readonly cases: readonly string[];
  /** Engines to measure. Each case runs on those it supports. */
  readonly engines: readonly string[];
  /** Other frameworks to measure. */
  readonly peers: readonly string[];
  readonly repeats: number;
  /** Maximum seconds per case to wait for an idle machine. */
  readonly quiet: number;
  readonly json: boolean;
  /** Cases to profile by operator. If there are any, nothing else runs. */
  readonly profile: readonly string[];
  readonly help: boolean;
}

const peerNames = peers.map(({ option }) => option);
const engines = [...new Set(cases.flatMap((one) => one.engines))];

export const usage = `Usage: npm run bench -- [options]

Measures Ergodic's engines, and other frameworks beside them where a Python that has them is found (PYTHON, else python3).

  --cases NAME,...   only these: ${cases.map(({ name }) => name).join(", ")}
  --engines NAME,... only these of ours: ${engines.join(", ")}
  --peers NAME,...   only these others: ${peerNames.join(", ")}; or none
  --repeats N        samples of each (default 9; engines without compilation take a quarter)
  --quiet SECONDS    on a shared machine: take samples only while nobody else computes, waiting at most
                     this long for a case (default 0: never wait)
  --json             figures as JSON, every sample included
  --profile NAME,... instead of the table: time by type of operator on ONNX Runtime
  --help

  npm run bench -- --cases latent-chain,conv-gradient --repeats 21
  npm run bench -- --profile residual-gradient --repeats 5
  PYTHON=.venv/bin/python npm run bench -- --json > figures.json`;

/**
 * Parses the command line.
 *
 * @throws Error that names the wrong option and what is expected.
 */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: "string" },
      engines: { type: "string" },
      peers: { type: "string" },
      repeats: { type: "string", default: "9" },
      quiet: { type: "string", default: "0" },
      json: { type: "boolean", default: false },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const quiet = Number(values.quiet);
  if (!(quiet >= 0 && quiet < Infinity)) {
    throw new Error(`--quiet is "${values.quiet}"; expected a number of seconds, 0 or more.`);
  }
  const names = cases.map(({ name }) => name);
  return {
    cases: chosenFrom("case", names, values.cases),
    engines: chosenFrom("engine", engines, values.engines),
    peers: values.peers === "none" ? [] : chosenFrom("peer", peerNames, values.peers),
    repeats: wholeNumber("repeats", values.repeats),
    quiet,
    json: values.json,
    profile: values.profile === undefined ? [] : chosenFrom("case", names, values.profile),
    help: values.help,
  };
}
