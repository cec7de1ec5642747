/** How long something took: `0.4 s`, `42 s`, `3 min 12 s`, `2 h 5 min`. */
export function tookWords(took_ms: number): string {
  if (took_ms < 9_950) return `${(took_ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(took_ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
