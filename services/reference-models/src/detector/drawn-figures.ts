/** Figures that the detector's tests draw: SVG markup around a foot point, `t` swings the limbs. For tests only. */
export type Figure = (place: { x: number; foot: number; size: number; t: number }) => string;

const deg = (t: number, swing: number): number => Math.round(Math.sin(t * 0.7) * swing * 10) / 10;

/** A walking person, `size` high. */
export function person(shirt: string, trousers: string, skin = "#c99473"): Figure {
  return ({ x, foot, size, t }) => {
    const u = size / 100;
    const leg = (angle: number) =>
      `<rect x="-5" y="-2" width="10" height="50" rx="3" fill="${trousers}" transform="translate(0 -48) rotate(${angle})"/>`;
    const arm = (angle: number) =>
      `<rect x="-3.5" y="0" width="7" height="36" rx="3" fill="${shirt}" transform="translate(0 -80) rotate(${angle})"/>`;
    return `<g transform="translate(${x} ${foot}) scale(${u})">${leg(deg(t, 24))}${leg(-deg(t, 24))}${arm(-deg(t, 28))}
      <path d="M-12 -82 Q0 -88 12 -82 L10 -44 L-10 -44 Z" fill="${shirt}"/>${arm(deg(t, 28))}
      <circle cx="0" cy="-92" r="8" fill="${skin}"/><path d="M-8 -93 a8 8 0 0 1 16 0 z" fill="#2c1d14"/></g>`;
  };
}

/** A car seen from the side, `size` long. */
export function car(paint: string): Figure {
  return ({ x, foot, size }) => `<g transform="translate(${x} ${foot}) scale(${size / 100})">
    <path d="M-50 -9 L-49 -20 L-32 -24 L-18 -38 L16 -38 L32 -24 L48 -20 L50 -9 Z" fill="${paint}"/>
    <path d="M-25 -25 L-15 -35 L-2 -35 L-2 -25 Z M2 -25 L2 -35 L14 -35 L24 -25 Z" fill="#9fb6c2"/>
    <circle cx="-29" cy="-8" r="8" fill="#1a1a1c"/><circle cx="29" cy="-8" r="8" fill="#1a1a1c"/>
    <circle cx="-29" cy="-8" r="3.5" fill="#b8b8b8"/><circle cx="29" cy="-8" r="3.5" fill="#b8b8b8"/></g>`;
}

/** A box truck seen from the side, `size` long. */
export function truck(paint: string): Figure {
  return ({ x, foot, size }) => `<g transform="translate(${x} ${foot}) scale(${size / 100})">
    <rect x="-50" y="-52" width="70" height="44" fill="#e4e2da"/><path d="M22 -8 V-36 H40 L50 -20 V-8 Z" fill="${paint}"/>
    <circle cx="-32" cy="-8" r="8" fill="#18181a"/><circle cx="34" cy="-8" r="8" fill="#18181a"/></g>`;
}

/** A dog, `size` long. */
export function dog(coat: string): Figure {
  return ({ x, foot, size, t }) => {
    const leg = (at: number, angle: number) =>
      `<rect x="-3" y="0" width="6" height="30" fill="${coat}" transform="translate(${at} -30) rotate(${angle})"/>`;
    return `<g transform="translate(${x} ${foot}) scale(${size / 100})">
      ${leg(-26, deg(t, 20))}${leg(-20, -deg(t, 20))}${leg(16, -deg(t, 20))}${leg(22, deg(t, 20))}
      <rect x="-32" y="-50" width="60" height="23" rx="10" fill="${coat}"/>
      <path d="M20 -44 L30 -66 L44 -62 L52 -52 L42 -46 L30 -40 Z" fill="${coat}"/>
      <path d="M-30 -46 L-48 -62 L-44 -66 L-28 -50 Z" fill="${coat}"/></g>`;
  };
}
