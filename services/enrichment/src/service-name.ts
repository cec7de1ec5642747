/** The name under which this service's due work is kept. */
export const SERVICE = "enrichment";
