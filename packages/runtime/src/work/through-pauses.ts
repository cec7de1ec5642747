import { GatehouseError } from "@gatehouse/errors";
import type { WorkShop } from "./work-shop.ts";

/** Does it as soon as what it leans on is there: while a dependency is down it waits for it. @throws whatever else goes wrong, and anything once the service stops */
export async function throughPauses<T>(
  { pause, stopping }: Pick<WorkShop, "pause" | "stopping">,
  work: () => Promise<T>,
): Promise<T> {
  while (true) {
    await pause.clear(stopping);
    try {
      return await work();
    } catch (error) {
      const dependency = error instanceof GatehouseError ? error.dependency : null;
      if (dependency === null || !pause.watches(dependency) || stopping.aborted) throw error;
      pause.report(dependency, (error as GatehouseError).message);
    }
  }
}
