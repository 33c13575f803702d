/**
 * Shows the current stage: on a terminal one line that is redrawn and cleared, in a pipe one plain
 * line per stage.
 */
import { erased, type ProgressTarget } from "./progress.js";

export interface Stages {
  stage(text: string): void;
  /** Clears the line. */
  end(): void;
}

/**
 * Shows stages on `target`. Texts that differ only from a count such as `3/10` onwards are the same
 * stage.
 */
export function stages(target: ProgressTarget, { quiet = false } = {}): Stages {
  let last = "";
  return {
    stage(text) {
      if (quiet) return;
      if (target.isTerminal) {
        const shown = text.slice(0, target.width() - 1);
        target.write(`${erased(last, target.width())}${shown}`);
        last = shown;
        return;
      }
      const name = text.replace(/\s*\d+\/.*$/, "");
      if (name !== last) target.write(`${name}\n`);
      last = name;
    },
    end() {
      if (target.isTerminal && last !== "") target.write(erased(last, target.width()));
      last = "";
    },
  };
}
