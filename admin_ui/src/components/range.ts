/** Milliseconds that a chart shows at least. */
const LEAST = 60_000;

/**
 * From where to where charts go, in milliseconds since 1970: so far back as somebody looks, but no further than there is
 * something to see. `points`: oldest first.
 */
export function rangeOf(points: readonly { readonly at: number }[], now: number, span: number): readonly [number, number] {
  const end = Math.max(now, points.at(-1)?.at ?? now);
  return [Math.max(end - span, Math.min(points[0]?.at ?? end, end - LEAST)), end];
}
