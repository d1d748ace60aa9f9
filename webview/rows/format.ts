/** Numbers as people read them here. */
import { tListed } from '../words/t.js';

const THIN_SPACE = '\u202f';

/** 3549 -> "3 549", with thin spaces. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
}

/** A loss in nats: "15.68", "0.0031", "1 234"; NaN and infinities by name. */
export function formatLoss(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && Math.abs(value) < 0.01) return value.toPrecision(2);
  return Math.abs(value) >= 1000 ? formatCount(value) : value.toFixed(2);
}

/** A share or an IoU: ".70", "1.00"; "–" where unknown. */
export function formatShare(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits).replace(/^(-?)0\./, '$1.') : '–';
}

/** A share in per cent: "94 %", "0.8 %", "1 600 %". */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return `${percent < 10 ? Number(percent.toFixed(1)) : formatCount(percent)} %`;
}

/** A class score: small ones keep two figures: ".98", ".0003". */
export function formatScore(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value > 0 && value < 0.095 ? Math.min(Math.ceil(-Math.log10(value)) + 1, 6) : 2;
  return formatShare(value, digits);
}

/** Seconds to go: "40 s", "3 min", "1 h 20 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(Math.round(seconds), 1)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * "1 RoI", "7 RoIs".
 * @param one text of a single one, with `{0}` for the number; `many` of any other number.
 */
export function countOf(value: number, one: string, many: string): string {
  return tListed(value === 1 ? one : many, formatCount(value));
}

/** A loss, an entropy, a margin: two decimals, small ones two figures, "–" unknown. */
export function formatMeasure(value: number): string {
  return Number.isNaN(value) ? '–' : formatLoss(value);
}
