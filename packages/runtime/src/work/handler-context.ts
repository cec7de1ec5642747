import { eventPublisher } from "../bus/event-publisher.ts";
import type { HandlerContext } from "../service.ts";
import { stages } from "./stages.ts";
import type { WorkShop } from "./work-shop.ts";

/** What every handler gets, besides what it works on. */
export function handlerContext(shop: WorkShop, signal: AbortSignal, attempt: number): HandlerContext {
  return {
    ...shop.deps,
    signal,
    log: shop.log,
    attempt,
    stage: stages(shop),
    publish: eventPublisher(shop.bus, shop.telemetry, signal),
    trace: () => shop.telemetry.injectTrace({}),
  };
}
