#!/usr/bin/env node
/**
 * The command `ergodic`: starts the built program.
 *
 * npm links this file when it installs a clone, where nothing is built yet. The first call then
 * builds the command line and the packages it needs.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const program = new URL("../dist/main.js", import.meta.url);
const builder = new URL("../../../scripts/turbo.mjs", import.meta.url);

if (!existsSync(program)) build();
if (existsSync(program)) await import(program.href);

function build() {
  if (!existsSync(builder)) {
    fail("this installation of ergodic has no dist/main.js. Install it again: npm install ergodic");
    return;
  }
  const clone = fileURLToPath(new URL("../../../", import.meta.url));
  process.stderr.write(`ergodic is not built in ${clone} yet; building it, once ...\n`);
  const tasks = ["run", "build", "--filter=ergodic", "--output-logs=errors-only"];
  const args = [fileURLToPath(builder), ...tasks];
  // Results of commands go to stdout, so build output goes to stderr.
  const { status } = spawnSync(process.execPath, args, { cwd: clone, stdio: ["ignore", 2, 2] });
  if (status !== 0 || !existsSync(program)) {
    fail(`the build failed. Run "npm install" in ${clone}, then "npm run build" to see why.`);
  }
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`ergodic: ${message}\n`);
  process.exitCode = 1;
}
