import sharp from "sharp";

/** A real JPEG with a coloured figure on a plain ground; another `seed` gives another picture. */
export async function picture(
  seed: number,
  { width = 640, height = 480 }: { width?: number; height?: number } = {},
): Promise<Uint8Array> {
  const x = 40 + ((seed * 37) % (width - 140));
  const figure = `<svg width="${width}" height="${height}"><rect width="100%" height="100%" fill="#7d8a6f"/>
    <path d="M0 ${height * 0.6} H${width} V${height} H0Z" fill="#98917f"/>
    <g transform="translate(${x} ${height * 0.3})" fill="#b0263c"><circle cx="30" cy="18" r="18" fill="#e0b090"/><rect x="6" y="36" width="48" height="90" rx="10"/>
    <rect x="10" y="120" width="16" height="80" fill="#223355"/><rect x="34" y="120" width="16" height="80" fill="#223355"/></g>
    <text x="4" y="14" font-size="12">${seed}</text></svg>`;
  return new Uint8Array(await sharp(Buffer.from(figure)).jpeg({ quality: 80 }).toBuffer());
}
