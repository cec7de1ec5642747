import { eventPublisher } from "../bus/event-publisher.ts";
import type { HandlerContext, Publish } from "../service.ts";
import type { Leash } from "./leash.ts";
import { SETTLE_DEFAULTS } from "./settle.ts";
import { stages } from "./stages.ts";
import type { WorkShop } from "./work-shop.ts";

type MakeContext = (leash: Leash, attempt: number, own: object) => HandlerContext;
const makers = new WeakMap<WorkShop, MakeContext>();

/** What every handler gets, and `own`: what it works on. */
export function handlerContext<T extends object>(
  shop: WorkShop,
  leash: Leash,
  attempt: number,
  own: T,
): HandlerContext & T {
  let make = makers.get(shop);
  if (!make) {
    make = contextMaker(shop);
    makers.set(shop, make);
  }
  return make(leash, attempt, own) as HandlerContext & T;
}

/** What all handlers of a service share is inherited: made once, not for every message. */
function contextMaker(shop: WorkShop): MakeContext {
  const { telemetry, bus, log, deps } = shop;
  class Context {
    readonly attempt: number;
    readonly is_last_attempt: boolean;
    readonly publish: Publish;
    readonly #leash: Leash;

    constructor(leash: Leash, attempt: number, own: object) {
      this.#leash = leash;
      this.attempt = attempt;
      this.is_last_attempt = attempt >= SETTLE_DEFAULTS.max_failures;
      this.publish = eventPublisher(bus, telemetry, leash);
      Object.assign(this, own);
    }

    /** Asked for late: whoever does not need the signal does not pay for it. */
    get signal(): AbortSignal {
      return this.#leash.signal;
    }
  }
  const { wakeDue, beginDue } = shop;
  const shared = { log, stage: stages(shop), trace: () => telemetry.injectTrace({}), wakeDue, beginDue };
  Object.assign(Context.prototype, deps, shared);
  return (leash, attempt, own) => new Context(leash, attempt, own) as Context & typeof shared;
}
