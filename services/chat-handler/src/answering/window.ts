import type { Cache, Turn } from "@gatehouse/store";
import { CHARACTERS_OF_TOKEN } from "./prompt.ts";

/** The newest turns of a conversation, as they are told to a model. */
export interface Window {
  /** Turns of the whole conversation when it was so: another number means that it is out of date. */
  turns: number;
  /** Oldest first, within the budget. */
  history: Turn[];
}

const KEPT_S = 24 * 3_600;

const keyOf = (due_key: string): string => `chat:${due_key}`;

/**
 * What Redis has of a conversation; null when it has nothing, or is away. It is taken out: Redis has the window of a conversation
 * only while nobody is at work in it.
 */
export async function takeWindow(cache: Cache, due_key: string): Promise<Window | null> {
  try {
    const text = await cache.take(keyOf(due_key));
    return text === null ? null : (JSON.parse(text) as Window);
  } catch {
    return null;
  }
}

/** Keeps it for the next turn, wherever that is answered. What cannot be kept is read from Postgres then. */
export async function keepWindow(cache: Cache, due_key: string, window: Window): Promise<void> {
  await cache.set(keyOf(due_key), JSON.stringify(window), KEPT_S).catch(() => {});
}

/** The window after one more turn, with the oldest ones left out that have no room any more. */
export function grown({ history }: Window, turn: Turn, turns: number, tokens: number): Window {
  let room = tokens * CHARACTERS_OF_TOKEN;
  const kept: Turn[] = [];
  for (const one of [turn, ...history.toReversed()]) {
    room -= one.asked.length + one.answered.length;
    if (room < 0) break;
    kept.unshift(one);
  }
  return { turns, history: kept };
}
