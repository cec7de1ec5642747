/** Where a command writes, as far as it needs to know. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY: boolean;
  readonly columns: number;
  /** Of a terminal. */
  readonly rows?: number;
  readonly env: NodeJS.ProcessEnv;
}

const USUAL_COLUMNS = 120;

/** A stream of this process as a screen. */
export function screenOn(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Screen {
  return {
    write: (text) => stream.write(text),
    env,
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns || USUAL_COLUMNS;
    },
    get rows() {
      return stream.rows;
    },
  };
}
