import { count } from "./ingestion-words.ts";

/** How many were met and not taken. */
export interface PassedOver {
  /** They are not followed. */
  links: number;
  /** Files that end in nothing that can be read. */
  others: number;
  /** Files with more than one name: the other may lie outside. */
  linked: number;
  empty: number;
  /** Files whose names are no text, or that were gone at once. */
  unnamed: number;
}

export const nothingPassed = (): PassedOver => ({ links: 0, others: 0, linked: 0, empty: 0, unnamed: 0 });

/** What is told of what was met in a folder and not taken; nothing without any. */
export function passedWords({ links, others, linked, empty, unnamed }: PassedOver): string {
  const told = (many: number, what: string, more: string, became: string) =>
    many === 0 ? [] : [`${count(many, what)}${more} ${many === 1 ? "was" : "were"} ${became}`];
  return [
    ...told(links, "link", "", "not followed"),
    ...told(linked, "file", " with other names (hard links)", "passed over"),
    ...told(others, "file", ` of ${others === 1 ? "another kind" : "other kinds"}`, "passed over"),
    ...told(empty, "empty file", "", "passed over"),
    ...told(unnamed, "file", " without a readable name", "passed over"),
  ].join("; ");
}
