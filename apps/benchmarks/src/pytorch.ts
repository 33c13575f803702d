/** Where a Python with PyTorch is, if it is anywhere. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export const peerScript = fileURLToPath(new URL("../peers/pytorch.py", import.meta.url));

export type PyTorch =
  | { readonly found: true; readonly python: string; readonly version: string }
  | { readonly found: false; readonly note: string };

/** Looks in the environment variable PYTHON, and without it at `python3`. */
export function findPyTorch(environment: NodeJS.ProcessEnv = process.env): PyTorch {
  const python = environment["PYTHON"] || "python3";
  const answer = spawnSync(python, ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" });
  if (answer.status === 0) return { found: true, python, version: answer.stdout.trim() };
  const reason = answer.error ? `"${python}" does not start` : `"${python}" has no module torch`;
  const note =
    `PyTorch was skipped: ${reason}. To compare with it: python3 -m venv .venv && ` +
    `.venv/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu && PYTHON=.venv/bin/python npm run bench`;
  return { found: false, note };
}
