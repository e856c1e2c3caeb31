// Every tenth of it: straight lines between them are within a few levels of the whole.
const STOPS = [
  0x440154, 0x482576, 0x414487, 0x35608d, 0x2a788e, 0x21908c, 0x22a884, 0x43bf71, 0x7ad151, 0xbbdf27, 0xfde725,
];

/**
 * Viridis, dark to light: as many steps look about equally far apart anywhere on it, in grey and to the colour-blind too.
 * @param fraction from 0 to 1
 * @returns `#rrggbb`
 * @source van der Walt and Smith 2015, matplotlib
 */
export function viridis(fraction: number): string {
  const place = Math.min(1, Math.max(0, fraction)) * (STOPS.length - 1);
  const before = Math.min(STOPS.length - 2, Math.floor(place));
  const level = (shift: number) => {
    const [from, to] = [STOPS[before], STOPS[before + 1]].map((stop) => (stop >> shift) & 0xff);
    return Math.round(from + (to - from) * (place - before));
  };
  return `#${[16, 8, 0].map((shift) => level(shift).toString(16).padStart(2, '0')).join('')}`;
}
