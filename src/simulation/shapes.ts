import type { Shape } from './canvas.ts';

/** Disc around (cx, cy). */
export function disc(cx: number, cy: number, radius: number): Shape {
  return (x, y) => norm(x - cx, y - cy) - radius;
}

/** Ellipse with half axes a and b, turned by `angle`; the distance is exact to first order at the outline, which is what is drawn. */
export function ellipse(cx: number, cy: number, a: number, b: number, angle = 0): Shape {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => {
    const u = (cos * (x - cx) + sin * (y - cy)) / a;
    const v = (cos * (y - cy) - sin * (x - cx)) / b;
    const level = norm(u, v);
    const slope = norm(u / a, v / b);
    return slope === 0 ? -Math.min(a, b) : (level * (level - 1)) / slope;
  };
}

/** Box around (cx, cy) with these half sides and rounded corners. */
export function box(cx: number, cy: number, halfWidth: number, halfHeight: number, corner = 0): Shape {
  return (x, y) => {
    const dx = Math.abs(x - cx) - halfWidth + corner;
    const dy = Math.abs(y - cy) - halfHeight + corner;
    return norm(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
  };
}

/** Stroke with round ends through the points. */
export function stroke(points: readonly (readonly [number, number])[], width: number): Shape {
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = 1; k < points.length; k++) nearest = Math.min(nearest, toSegment(x, y, points[k - 1], points[k]));
    return nearest - width / 2;
  };
}

/** Polygon with these corners, by the even-odd rule. */
export function polygon(corners: readonly (readonly [number, number])[]): Shape {
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    for (let k = 0, before = corners.length - 1; k < corners.length; before = k++) {
      const [a, b] = [corners[before], corners[k]];
      nearest = Math.min(nearest, toSegment(x, y, a, b));
      if (a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
    }
    return inside ? -nearest : nearest;
  };
}

/** Everything below the curve y = height(x). */
export function below(height: (x: number) => number): Shape {
  return (x, y) => height(x) - y;
}

/** Where all shapes are. */
export function intersection(...shapes: readonly Shape[]): Shape {
  return (x, y) => shapes.reduce((far, shape) => Math.max(far, shape(x, y)), Number.NEGATIVE_INFINITY);
}

/** The first shape without the second. */
export function difference(shape: Shape, hole: Shape): Shape {
  return (x, y) => Math.max(shape(x, y), -hole(x, y));
}

/** Points of an arc of a circle, angles in radians from the x axis towards y (down). */
export function arc(
  cx: number,
  cy: number,
  radius: number,
  from: number,
  to: number,
  nPoints = 16,
): [number, number][] {
  return Array.from({ length: nPoints }, (_, k) => {
    const angle = from + ((to - from) * k) / (nPoints - 1);
    return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)];
  });
}

// Math.hypot guards against overflow, which costs ten times the rest.
function norm(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function toSegment(x: number, y: number, a: readonly [number, number], b: readonly [number, number]): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const along = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(1, Math.max(0, along));
  return norm(x - a[0] - t * dx, y - a[1] - t * dy);
}
