#!/usr/bin/env node
/** The command `ergodic`: hands the arguments to the program and leaves with its exit code. Everything heavy is loaded by the command that needs it. */
import { run } from "./program.js";

process.exitCode = await run(process.argv.slice(2));
