/** How a command ended, for the shell. */
export const EXIT = Object.freeze({ ok: 0, failed: 1, usage: 2 });

/** Ends a command that has already said what there is to say. */
export class Quit extends Error {
  readonly exit_code: number;

  constructor(exit_code: number) {
    super(`exit code ${exit_code}`);
    this.exit_code = exit_code;
  }
}
