/**
 * Runs the laws in a separate process, with the environment that an engine needs, and prints JSON.
 *
 *     node main.mjs <engine>
 */
import "@tensorflow/tfjs-backend-cpu";
import { currentEngine, type EngineName } from "../../src/index.js";
import { runLaws } from "./laws.js";

const outcomes = await runLaws(process.argv[2] as EngineName);
process.stdout.write(`${JSON.stringify({ engine: currentEngine(), outcomes })}\n`, () => process.exit(0));
