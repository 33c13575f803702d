/** Several workers on this machine, each in its own process. */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { exitCode, type ExitCode } from "../errors.js";
import { note } from "../terminal/output.js";

/** Milliseconds in which the other workers have to stop after one has failed. */
const grace = 60_000;

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Free ports of this machine. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * Runs `ergodic ...args` as `count` workers and waits for them. Worker 0 has the terminal; lines of
 * the others are marked. Signals go to all of them. The cores are shared evenly.
 *
 * @returns the exit code of the first worker that failed, or else of worker 0
 */
export async function runLocalWorkers(count: number, args: readonly string[]): Promise<ExitCode> {
  const workers = (await freePorts(count)).map((port) => `127.0.0.1:${port}`);
  const threads = String(Math.max(1, Math.floor(availableParallelism() / count)));
  const env = { ...process.env, ERGODIC_THREADS: process.env["ERGODIC_THREADS"] ?? threads, TF_CONFIG: "" };
  const children = workers.map((_, task) => {
    const own = [...args, "--workers", workers.join(","), "--task", String(task)];
    // A group of its own: signals of the terminal come from this process alone.
    return spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...own], {
      env,
      detached: true,
      stdio: task === 0 ? ["inherit", "inherit", "inherit", "ipc"] : ["ignore", "ignore", "pipe", "ipc"],
    });
  });
  children.forEach(({ stderr }, task) => {
    if (stderr !== null) createInterface(stderr).on("line", (line) => note(`worker ${task}: ${line}`));
  });
  const forward = (signal: NodeJS.Signals) => children.forEach((child) => void child.kill(signal));
  for (const signal of forwarded) process.on(signal, forward);
  try {
    return await endOf(children);
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
  }
}

async function endOf(children: readonly ChildProcess[]): Promise<ExitCode> {
  let failed: ExitCode | undefined;
  let timer: NodeJS.Timeout | undefined;
  const codes = await Promise.all(
    children.map(
      (child, task) =>
        new Promise<ExitCode>((resolve) => {
          child.once("exit", (code, signal) => {
            if (signal !== null) note(`worker ${task} was ended by ${signal}`);
            const own = (code ?? exitCode.failure) as ExitCode;
            if (own !== exitCode.ok) {
              failed ??= own;
              timer ??= setTimeout(() => children.forEach((other) => void other.kill("SIGKILL")), grace);
            }
            resolve(own);
          });
        }),
    ),
  );
  clearTimeout(timer);
  return failed ?? codes[0]!;
}

/** Makes a worker that was started here stop as by SIGTERM when the process that started it is gone. */
export function stopWithStarter(): void {
  if (process.channel === undefined) return;
  process.channel.unref();
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
}
