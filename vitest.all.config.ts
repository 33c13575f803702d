import { mergeConfig } from "vitest/config";
import config from "./vitest.config.js";

/** The tests with all their repetitions. */
export default mergeConfig(config, { test: { provide: { all: true } } });
