/** What is being done right now: one line that is redrawn and wiped on a terminal, one plain line a stage in a pipe. */
import type { ProgressTarget } from "./progress.js";

export interface Stages {
  stage(text: string): void;
  /** Wipes the line. */
  end(): void;
}

/** Shows stages on `target`; texts that differ from a count such as `3/10` on are the same stage. */
export function stages(target: ProgressTarget, { quiet = false } = {}): Stages {
  let last = "";
  return {
    stage(text) {
      if (quiet) return;
      if (target.isTerminal) {
        target.write(`\r\u001b[2K${text.slice(0, target.width() - 1)}`);
        last = text;
        return;
      }
      const name = text.replace(/\s*\d+\/.*$/, "");
      if (name !== last) target.write(`${name}\n`);
      last = name;
    },
    end() {
      if (target.isTerminal && last !== "") target.write("\r\u001b[2K");
      last = "";
    },
  };
}
