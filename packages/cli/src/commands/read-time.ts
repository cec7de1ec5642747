const UNITS_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m` (so long ago), `2026-11-21T08:00` (local unless it says a zone) or a date as epoch ms; null for anything else. */
export function readTime(text: string, now_ms: number): number | null {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return Math.max(0, now_ms - Number(amount) * UNITS_MS[unit]!);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return null;
  const time_ms = Date.parse(text.includes("T") ? text : `${text}T00:00`);
  return Number.isNaN(time_ms) || time_ms < 0 ? null : time_ms;
}
