import { picture } from "./pictures.ts";
import type { World } from "./world.ts";

/** Publishes frame `f-{i}` of a camera as often as it takes until the broker acknowledged it; the message id makes repeats harmless. */
export async function publishFrame({ bus }: World, camera_id: string, i: number): Promise<string> {
  const key = `${camera_id}.f-${i}`;
  const image = await picture(i);
  while (true) {
    const kept = await bus
      .publish(`camera.${camera_id}.frame`, image, { id: key, timeout_ms: 3_000 })
      .catch(() => null);
    if (kept) return key;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
