/** `ergodic init`: writes an experiment file to begin with. */
import { Command } from "commander";

const examples = `
The file is a whole experiment: an energy of points in the plane, learned by persistent chains. It trains as it is.

Examples:
  $ ergodic init my-ebm.ts
  $ ergodic train ./my-ebm.ts`;

export function initCommand(): Command {
  return new Command("init")
    .description("Write an experiment file of your own to begin with.")
    .argument("<file>", "a new file, .ts or .mts")
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async (file: string, { json }: { readonly json: boolean }) => {
      const { initExperiment } = await import("../init/init.js");
      await initExperiment(file, json);
    });
}
