import type { MessageWork } from "./message-work.ts";

const ACK = Buffer.from("+ACK");

/** Tells the broker what became of a message; one of a consumer that is gone is left to whoever comes after. */
export function answer({ shop, message, gone }: MessageWork, words: string): void {
  if (!gone) shop.bus.outbox.write(message.reply!, words === "+ACK" ? ACK : words);
}
