/** What comes of a work that cannot be ended, unless the signal aborts before. @throws the signal's reason */
export async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const giveUp = () => over.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
