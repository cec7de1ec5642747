import { eventPublisher } from "../bus/event-publisher.ts";
import type { HandlerContext } from "../service.ts";
import type { Leash } from "./leash.ts";
import { stages } from "./stages.ts";
import type { WorkShop } from "./work-shop.ts";

/** What every handler gets, and `own`: what it works on. */
export function handlerContext<T extends object>(
  shop: WorkShop,
  leash: Leash,
  attempt: number,
  own: T,
): HandlerContext & T {
  return {
    ...shop.deps,
    ...own,
    // Asked for late: whoever does not need the signal does not pay for it.
    get signal() {
      return leash.signal;
    },
    log: shop.log,
    attempt,
    stage: stages(shop),
    publish: eventPublisher(shop.bus, shop.telemetry, leash),
    trace: () => shop.telemetry.injectTrace({}),
  };
}
