const BASE = 500;
const MOST = 20_000;

/**
 * Milliseconds to wait before attempt `attempt` (from 0). Full jitter: between 0 and a bound that doubles up to 20 s, so
 * that the clients of a hub that died don't come back all at once.
 */
export const backoff = (attempt: number, random: () => number): number => random() * Math.min(MOST, BASE * 2 ** attempt);
