/**
 * Runs the command lines that it is sent, one after the other, in one process.
 *
 * On each stream `\0CODE\0` follows what a command has written.
 */
import { run } from "../dist/program.js";

process.on("message", async ({ cwd, args }) => {
  process.chdir(cwd);
  process.argv.splice(2, Infinity, ...args);
  process.exitCode = undefined;
  const code = await run(args);
  process.exitCode = undefined;
  for (const stream of [process.stdout, process.stderr]) stream.write(`\0${code}\0`);
});
process.on("disconnect", () => process.exit());
