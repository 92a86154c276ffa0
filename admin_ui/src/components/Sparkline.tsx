const WIDTH = 120;
const HEIGHT = 24;

interface SparklineProps {
  readonly values: readonly (number | null)[];
  /** Values at the lower and the upper edge; unless told, the least and the most of them. */
  readonly range?: readonly [number, number];
}

/** How a number went, without axes. Holes stay holes. */
export function Sparkline({ values, range }: SparklineProps) {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length < 2) return null;
  const [least, most] = range ?? [Math.min(...known), Math.max(...known)];
  const span = most - least || 1;
  let pen = "M";
  const path = values.map((value, at) => {
    if (value === null || !Number.isFinite(value)) {
      pen = "M";
      return "";
    }
    const x = (at / (values.length - 1)) * WIDTH;
    const y = most === least ? HEIGHT / 2 : HEIGHT - 1.5 - ((value - least) / span) * (HEIGHT - 3);
    const point = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
    return point;
  });
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" height={HEIGHT} preserveAspectRatio="none" aria-hidden="true">
      <path d={path.join("")} fill="none" stroke="var(--accent)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
