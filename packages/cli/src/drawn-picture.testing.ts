import { scenes } from "@gatehouse/demo";

/** A picture as a camera makes it, JPEG. */
export async function drawnPicture(): Promise<Uint8Array> {
  return (await scenes()[0]!.render(3_000)).jpeg;
}
