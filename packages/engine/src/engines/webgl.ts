import { backendEngine } from "./backend-engine.js";

export const webgl = backendEngine("webgl", "TensorFlow.js on WebGL");
