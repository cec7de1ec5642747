import { styleText } from "node:util";

export type Colour = Parameters<typeof styleText>[0];
/** Colours text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** Paints only where somebody looks at a terminal: not into files, not with NO_COLOR. */
export function paintFor({ isTTY, env }: { isTTY: boolean; env: NodeJS.ProcessEnv }): Paint {
  if (!isTTY || env.NO_COLOR) return (_colour, text) => text;
  return (colour, text) => styleText(colour, text, { validateStream: false });
}
