/** `ergodic presets`: lists the presets that can be trained by name. */
import { Command } from "commander";
import { columns } from "../terminal/format.js";
import { jsonResult, result } from "../terminal/output.js";

const examples = `
Examples:
  $ ergodic presets
  $ ergodic presets --json | jq -r '.[].name'`;

export function presetsCommand(): Command {
  return new Command("presets")
    .description("List the experiments that can be trained by name.")
    .option("--json", "print JSON", false)
    .option("--verbose", "show the stack of an error", false)
    .addHelpText("after", examples)
    .action(async ({ json }: { json: boolean }) => {
      const [{ presetNames }, { loadPreset }] = await Promise.all([
        import("../presets.js"),
        import("../experiments/resolve.js"),
      ]);
      const loaded = await Promise.all(presetNames.map(loadPreset));
      const rows = loaded.map(({ origin, experiment }) => ({
        name: origin,
        description: experiment.description ?? "",
      }));
      if (json) jsonResult(rows);
      else
        result(
          `${columns(rows.map((row) => [row.name, row.description] as const))}\n\nTrain one: ergodic train quickstart`,
        );
    });
}
