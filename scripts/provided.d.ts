import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /**
     * Whether repetitions are tested too, which `npm run test:all` does: long runs on every engine,
     * a process for each command, more draws of a property.
     */
    all: boolean;
  }
}
