import i18next from "i18next";

/** Numbers, sizes and times as people read them, in the language that is shown. */

const formatters = new Map<string, Intl.NumberFormat>();

function number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${i18next.language} ${JSON.stringify(options)}`;
  let format = formatters.get(key);
  if (!format) formatters.set(key, (format = new Intl.NumberFormat(i18next.language || "en", options)));
  return format;
}

export const MISSING = "–";

type Maybe = number | null | undefined;

const told = (value: Maybe): value is number => typeof value === "number" && Number.isFinite(value);

/** A whole number, such as 12,345. */
export const count = (value: Maybe): string => (told(value) ? number({ maximumFractionDigits: 0 }).format(value) : MISSING);

/** A number in little space, such as 12.3K. */
export const brief = (value: Maybe): string =>
  told(value) ? number({ notation: "compact", maximumSignificantDigits: 3 }).format(value) : MISSING;

/** A measured number with three digits that count, such as 0.123, 12.3 or 1,234. */
export const measure = (value: Maybe): string => {
  if (!told(value)) return MISSING;
  return Math.abs(value) >= 100 ? count(value) : number({ maximumSignificantDigits: 3 }).format(value);
};

/** A number with its unit, by the unit's name in the texts. */
const united = (value: string, unit: "us" | "ms" | "s" | "min" | "h" | "d" | "b" | "kb" | "mb" | "gb" | "tb"): string =>
  `${value} ${i18next.t(`unit.${unit}`)}`;

/** `value` is out of 100. */
export const percent = (value: Maybe): string =>
  told(value) ? number({ style: "percent", maximumFractionDigits: value < 10 || value > 99 ? 1 : 0 }).format(value / 100) : MISSING;

/** `value` is out of 1, with one digit more: a measured share, such as 95.6%. */
export const share = (value: Maybe): string => (told(value) ? number({ style: "percent", maximumFractionDigits: 1 }).format(value) : MISSING);

/** Milliseconds, as µs, ms, s or min. */
export const milliseconds = (value: Maybe): string => {
  if (!told(value)) return MISSING;
  if (value !== 0 && Math.abs(value) < 1) return united(measure(value * 1000), "us");
  if (Math.abs(value) < 1000) return united(measure(value), "ms");
  return seconds(value / 1000);
};

/** Seconds, as s, min, h or d: the two largest units. */
export const seconds = (value: Maybe): string => {
  if (!told(value)) return MISSING;
  if (value < 60) return united(measure(value < 10 ? value : Math.round(value)), "s");
  const whole = Math.round(value);
  const units = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]] as const;
  const first = units.findIndex(([size]) => whole >= size);
  let rest = whole;
  return units
    .slice(first, first + 2)
    .map(([size, unit]) => {
      const part = Math.floor(rest / size);
      rest -= part * size;
      return part ? united(String(part), unit) : "";
    })
    .filter(Boolean)
    .join(" ");
};

const BYTES = ["b", "kb", "mb", "gb", "tb"] as const;

/** Bytes, as B, kB, MB or GB (of 1,000). */
export const bytes = (value: Maybe): string => {
  if (!told(value)) return MISSING;
  const step = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3));
  return united(measure(value / 1000 ** step), BYTES[step] ?? "tb");
};

/** Formats dates; one formatter a language, since making one takes longer than a hundred uses. */
const date = (options: Intl.DateTimeFormatOptions) => {
  const made = new Map<string, Intl.DateTimeFormat>();
  return (value: string | number | Date): string => {
    const language = i18next.language || "en";
    let format = made.get(language);
    if (!format) made.set(language, (format = new Intl.DateTimeFormat(language, options)));
    return format.format(new Date(value));
  };
};

/** A time of day, such as 14:05:09. */
export const clock = date({ hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

/** A date and a time. */
export const moment = date({ dateStyle: "medium", timeStyle: "medium", hour12: false });

/** How long ago or ahead a time is, such as "3 minutes ago". */
export const ago = (value: string | number | Date, now = Date.now()): string => {
  const gap = (new Date(value).getTime() - now) / 1000;
  const units = [[86_400, "day"], [3_600, "hour"], [60, "minute"], [1, "second"]] as const;
  const [size, unit] = units.find(([length]) => Math.abs(gap) >= length) ?? ([1, "second"] as const);
  return new Intl.RelativeTimeFormat(i18next.language || "en", { numeric: "auto" }).format(Math.trunc(gap / size), unit);
};
