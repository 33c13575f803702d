#!/usr/bin/env node
/**
 * The command `ergodic`: passes the arguments to the program and exits with its code.
 *
 * Commands load heavy modules only when they need them.
 */
import { run } from "./program.js";
import { quitWhenPipesClose } from "./terminal/output.js";

quitWhenPipesClose();
process.exitCode = await run(process.argv.slice(2));
