import { EngineError } from "../errors.js";

/**
 * Checks the options of a runtime that reads them once in a process or page.
 *
 * @returns a function that throws an EngineError for other options than those of its first call.
 */
export function onceInProcess(engine: string): (options: object) => void {
  let started: string | undefined;
  return (options) => {
    const wanted = JSON.stringify(options);
    if (started !== undefined && started !== wanted) {
      throw new EngineError(
        `"${engine}" has started with the options ${started} and takes no others in this process, such as ${wanted}.`,
      );
    }
    started = wanted;
  };
}
