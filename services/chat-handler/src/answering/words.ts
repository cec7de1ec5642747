/**
 * Makes text of a model's pieces that broker and database take: halves of one character are put together, U+0000 is left
 * out, and blanks wait for the first word, so that an answer of blanks has none.
 */
export class Words {
  #held = "";
  #has_begun: boolean;

  constructor({ has_begun }: { has_begun: boolean }) {
    this.#has_begun = has_begun;
  }

  /** The text that can be passed on; may be empty. */
  pass(piece: string): string {
    const text = this.#held + piece.replaceAll("\u0000", "");
    const last = text.charCodeAt(text.length - 1);
    const half = last >= 0xd800 && last <= 0xdbff ? 1 : 0;
    const whole = text.slice(0, text.length - half);
    if (!this.#has_begun && whole.trim() === "") {
      this.#held = text;
      return "";
    }
    this.#has_begun = true;
    this.#held = text.slice(whole.length);
    return whole.toWellFormed();
  }
}
