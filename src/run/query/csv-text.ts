import { stringify } from 'csv-stringify/sync';

/** Boxes: four numbers in one field, an unknown one left empty. */
const joined = (parts: object) => (parts as readonly unknown[]).map((part) => part ?? '').join(' ');

/** Spreadsheets take text that begins so for a formula. Source: OWASP, "CSV Injection". */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
/** The library's own guard (`escape_formulas`) takes negative numbers for formulas, too. */
const guarded = (text: string) => (FORMULA.test(text) ? `'${text}` : text);

/**
 * Records as lines of CSV (RFC 4180, line feeds), one column a field; null is an empty field, an array one field.
 * Text that a spreadsheet would compute gets an apostrophe in front.
 * @param header false: more lines of a text that has its first line already.
 */
export function csvText<T extends object>(
  fields: readonly (keyof T & string)[],
  records: readonly T[],
  header = true,
): string {
  // A carriage return ends a line for some readers, and the library quotes only the line feed by itself.
  return stringify([...records], {
    columns: [...fields],
    header,
    quoted_match: /\r/,
    cast: { object: joined, string: guarded },
  });
}
