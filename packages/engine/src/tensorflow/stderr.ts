/** Silences log lines that the native library writes to stderr. Errors still reach the caller. */

// Resolved when this file is loaded, which never happens in a page, so that bundlers ignore it.
const { existsSync } = process.getBuiltinModule("node:fs");

/** An addon that is built beside that of the library; see `ergodic engine add`. */
interface StderrAddon {
  /** Redirects stderr to nowhere and returns a descriptor of its former target. */
  silence(): number;
  restore(descriptor: number): void;
}

export function openAddon<Addon>(path: string): Addon {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Addon;
}

/**
 * Runs `load` without log output of the library, unless the environment requests it
 * (TF_CPP_MIN_LOG_LEVEL=0).
 *
 * Newer versions log a line while they are loaded, before they read that level. The addon at
 * `stderrAddon`, if present, hides this line.
 */
export function quietly<T>(stderrAddon: string, load: () => T): T {
  const level = (process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3");
  if (level === "0" || !existsSync(stderrAddon)) return load();
  const stderr = openAddon<StderrAddon>(stderrAddon);
  const before = stderr.silence();
  try {
    return load();
  } finally {
    stderr.restore(before);
  }
}
