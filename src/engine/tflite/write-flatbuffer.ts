/**
 * Writes a flatbuffer of any schema: tables whose fields stand in the schema's order.
 *
 * Source: flatbuffers' internals: a table begins with the distance to its vtable, which lists where its fields stand;
 * an offset leads forward from where it stands.
 */

/** A number takes four bytes, which also hold a byte or a bool; undefined is not written. */
export type Field = number | FlatValue | undefined;
/** What an offset leads to. */
export type FlatValue =
  | { readonly table: readonly Field[] }
  | { readonly list: readonly FlatValue[] }
  /** A vector of `count` elements, whose first stands at a multiple of `align` in the file. */
  | { readonly count: number; readonly bytes: Uint8Array; readonly align: number };

export function text(value: string): FlatValue {
  const bytes = Buffer.from(`${value}\0`);
  return { count: bytes.length - 1, bytes, align: 4 };
}

export function vector(values: Float32Array | Int32Array | BigInt64Array): FlatValue {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { count: values.length, bytes, align: Math.max(4, values.BYTES_PER_ELEMENT) };
}

/** Bytes of a value, and what its offsets lead to. */
interface Block {
  readonly bytes: Uint8Array;
  /** Where in them the offset leads that leads to this value. */
  readonly start: number;
  /** What in them stands at a multiple of `align` in the file. */
  readonly body: number;
  readonly align: number;
  readonly links: readonly Link[];
}
interface Link {
  readonly at: number;
  readonly value: FlatValue;
}

/** @param identifier of the schema, four letters. Cost: linear in its bytes. */
export function flatbuffer(root: FlatValue, identifier: string): Uint8Array {
  const head = Buffer.from(`\0\0\0\0${identifier}`);
  const placed: { readonly block: Block; readonly at: number }[] = [
    { block: { bytes: head, start: 0, body: 0, align: 4, links: [{ at: 0, value: root }] }, at: 0 },
  ];
  let size = head.length;
  // Grows while it is walked.
  for (const { block, at } of placed) {
    for (const link of block.links) {
      const child = blockOf(link.value);
      const childAt = Math.ceil((size + child.body) / child.align) * child.align - child.body;
      viewOf(block.bytes).setUint32(link.at, childAt + child.start - (at + link.at), true);
      placed.push({ block: child, at: childAt });
      size = childAt + child.bytes.length;
    }
  }
  const all = new Uint8Array(size);
  for (const { block, at } of placed) all.set(block.bytes, at);
  return all;
}

function blockOf(value: FlatValue): Block {
  if ('table' in value) return tableBlock(value.table);
  const isList = 'list' in value;
  const count = isList ? value.list.length : value.count;
  const bytes = new Uint8Array(4 + (isList ? 4 * count : value.bytes.length));
  viewOf(bytes).setUint32(0, count, true);
  if (isList) return { bytes, start: 0, body: 4, align: 4, links: linksOf(value.list, 4) };
  bytes.set(value.bytes, 4);
  return { bytes, start: 0, body: 4, align: value.align, links: [] };
}

/** The vtable (its length, the table's, a place for each field, 0: not there), then the table. */
function tableBlock(fields: readonly Field[]): Block {
  const given = fields.filter((field) => field !== undefined);
  const vtableLength = 4 + 2 * fields.length;
  const start = 4 * Math.ceil(vtableLength / 4);
  const bytes = new Uint8Array(start + 4 + 4 * given.length);
  const view = viewOf(bytes);
  view.setUint16(0, vtableLength, true);
  view.setUint16(2, bytes.length - start, true);
  let place = 4;
  fields.forEach((field, i) => {
    if (field === undefined) return;
    view.setUint16(4 + 2 * i, place, true);
    if (typeof field === 'number') view.setInt32(start + place, field, true);
    place += 4;
  });
  view.setInt32(start, start, true);
  return { bytes, start, body: start, align: 4, links: linksOf(given, start + 4) };
}

/** @param from where the first of the values stands, four bytes each. */
function linksOf(values: readonly Field[], from: number): Link[] {
  return values.flatMap((value, i) => (typeof value === 'object' ? [{ at: from + 4 * i, value }] : []));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
