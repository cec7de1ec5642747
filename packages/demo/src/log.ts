/** The part of a logger that is needed here: fields, then a fixed sentence. */
export interface Log {
  info(fields: Record<string, unknown>, sentence: string): void;
  warn(fields: Record<string, unknown>, sentence: string): void;
}

/** Says nothing. */
export const silentLog: Log = { info() {}, warn() {} };
