import type { PassageKind, Viewer } from "@gatehouse/store";

/** Who may find a passage, as the vector store keeps it. */
export function scopeOf({ kind, user_id }: { kind: PassageKind; user_id: string | null }): string {
  return kind === "turn" ? `turn:${user_id}` : kind;
}

/** The scopes that a user may search. */
export function scopesOf({ user_id, events }: Viewer): string[] {
  return ["document", `turn:${user_id}`, ...(events ? ["event"] : [])];
}
