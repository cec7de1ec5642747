import type { Screen } from "./screen.ts";

const CLEAR = "\r\u001b[2K";

/** One line at the end of a terminal that changes, and goes before anything else is written. */
export class FleetingLine {
  readonly #screen: Screen;
  #shown = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Shows a text, at most as wide as the terminal; nothing where nobody looks. */
  show(text: string): void {
    if (!this.#screen.isTTY) return;
    this.hide();
    this.#screen.write(text);
    this.#shown = true;
  }

  hide(): void {
    if (this.#shown) this.#screen.write(CLEAR);
    this.#shown = false;
  }
}
