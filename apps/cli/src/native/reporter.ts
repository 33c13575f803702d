/** Prints the steps of an installation as lines, and download progress at every tenth. */
import type { Reporter } from "./wheel.js";

export function reporter(say: (text: string) => void): Reporter {
  let tenths = 0;
  return {
    step(text) {
      tenths = 0;
      say(text);
    },
    progress(done, total) {
      const reached = Math.floor((10 * done) / total);
      if (reached > tenths) say(`  ${10 * reached} % of ${Math.round(total / 2 ** 20)} MiB`);
      tenths = reached;
    },
  };
}
