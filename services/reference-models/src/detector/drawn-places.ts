/** Places that the detector's tests draw. For tests only. */
export const placeSize = { width: 640, height: 480 };

const grain = `<filter id="g" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" baseFrequency="0.35" numOctaves="3" seed="5"/>
  <feColorMatrix values="0 0 0 0 0.1  0 0 0 0 0.12  0 0 0 0 0.08  0 0 0 0.5 0"/></filter>`;

/** A lane before a brick wall. */
export const lane =
  svg(`<defs>${grain}<linearGradient id="s" x2="0" y2="1"><stop stop-color="#8fa9bd"/><stop offset="1" stop-color="#d6dcd8"/></linearGradient></defs>
  <rect width="640" height="160" fill="url(#s)"/><rect y="130" width="640" height="110" fill="#96735f"/>
  <path d="M0 150H640M0 172H640M0 194H640M0 216H640" stroke="#7d5d4b" stroke-width="3"/>
  <rect x="90" y="150" width="60" height="60" fill="#33414a"/><rect x="430" y="145" width="70" height="95" fill="#54452f"/>
  <rect y="240" width="640" height="50" fill="#a7a49a"/><rect y="290" width="640" height="190" fill="#6c6d70"/>
  <path d="M0 385H640" stroke="#c9c5b0" stroke-width="5" stroke-dasharray="40 30"/><rect width="640" height="480" filter="url(#g)"/>`);

/** A meadow with a fence and a pond. */
export const meadow =
  svg(`<defs>${grain}<linearGradient id="m" x2="0" y2="1"><stop stop-color="#5d8048"/><stop offset="1" stop-color="#84a05c"/></linearGradient></defs>
  <rect width="640" height="480" fill="#b9c9cf"/><path d="M0 150 L140 90 L300 140 L480 80 L640 140 V220 H0 Z" fill="#6b7f74"/>
  <rect y="190" width="640" height="290" fill="url(#m)"/><ellipse cx="500" cy="300" rx="110" ry="30" fill="#7391a0"/>
  <path d="M0 215H640M0 235H640" stroke="#cbbf9f" stroke-width="4"/><path d="M40 205V245M160 205V245M280 205V245M400 205V245M520 205V245" stroke="#bcae8b" stroke-width="7"/>
  <rect width="640" height="480" filter="url(#g)"/>`);

/** A yard at night, nearly without colour. */
export const nightYard =
  svg(`<defs><radialGradient id="l" cx="0.3" cy="0.4" r="0.8"><stop stop-color="#5a5d5c"/><stop offset="1" stop-color="#232526"/></radialGradient></defs>
  <rect width="640" height="480" fill="url(#l)"/><rect x="380" y="60" width="230" height="190" fill="#3c3e3e"/><rect x="420" y="130" width="60" height="120" fill="#2a2b2b"/>
  <path d="M0 260H640" stroke="#474948" stroke-width="6"/>`);

function svg(inside: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480">${inside}</svg>`;
}
