const WIDTH = 24;

/** `█████████░░░░░░░░░░░░░░░`; full only when all is done. */
export function progressBar(done: number, total: number): string {
  const cells = total === 0 ? 0 : Math.floor((Math.min(done, total) / total) * WIDTH);
  return "█".repeat(cells) + "░".repeat(WIDTH - cells);
}
