/**
 * Arrow IPC messages, read defensively.
 * Source: Arrow columnar format, "Encapsulated message format" and Message.fbs / Schema.fbs (field numbers below).
 */
import { FlatReader } from '../core/flatbuffer.js';

/** Continuation marker and metadata length in front of every message. */
export const PREFIX_BYTES = 8;
/** A message whose metadata is longer than this is none of ours. */
export const MAX_METADATA_BYTES = 1 << 28;

/** The stream's end: continuation marker and length 0. */
export const END_OF_STREAM = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);

/**
 * Length of the metadata that follows a prefix; 0 at the end of the stream.
 * @throws RangeError when the 8 bytes are no prefix.
 */
export function metadataLength(prefix: Uint8Array): number {
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const length = view.getInt32(4, true);
  if (view.getUint32(0, true) !== 0xffff_ffff) throw new RangeError('no continuation marker');
  if (length < 0 || length > MAX_METADATA_BYTES || length % 8 !== 0)
    throw new RangeError(`metadata of ${length} bytes`);
  return length;
}

export interface MessageHeader {
  readonly kind: 'schema' | 'record-batch';
  readonly reader: FlatReader;
  /** Position of the header table. */
  readonly table: number;
  readonly bodyLength: number;
}

const HEADER_KINDS: Readonly<Record<number, MessageHeader['kind']>> = { 1: 'schema', 3: 'record-batch' };

/** Reads a message's metadata (without its prefix). @throws RangeError */
export function readHeader(metadata: Uint8Array): MessageHeader {
  const reader = new FlatReader(metadata);
  const root = reader.root();
  const type = reader.uint8(reader.field(root, 1), 0);
  const kind = HEADER_KINDS[type];
  const header = reader.field(root, 2);
  if (kind === undefined || header === 0) throw new RangeError(`a message of type ${type}`);
  const bodyLength = reader.length64(reader.field(root, 3));
  if (bodyLength % 8 !== 0) throw new RangeError(`a body of ${bodyLength} bytes`);
  return { kind, reader, table: reader.follow(header), bodyLength };
}

export interface SchemaFacts {
  /** `id:utf8,rois:list<item:struct<x1:float32>>`: names and types of the fields. */
  readonly signature: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** @throws RangeError when the message is no schema or is damaged. */
export function readSchema(header: MessageHeader): SchemaFacts {
  if (header.kind !== 'schema') throw new RangeError(`a ${header.kind} where the schema belongs`);
  const { reader, table } = header;
  const metadata = new Map<string, string>();
  const pairs = reader.vector(reader.field(table, 2), 4);
  for (let i = 0; i < pairs.count; i++) {
    const pair = reader.follow(pairs.start + 4 * i);
    metadata.set(textAt(reader, reader.field(pair, 0)), textAt(reader, reader.field(pair, 1)));
  }
  return { signature: fieldSignatures(reader, reader.field(table, 1), { left: 256 }, 0), metadata };
}

function textAt(reader: FlatReader, at: number): string {
  return new TextDecoder().decode(reader.utf8(at));
}

/** Damaged offsets can share children; `budget` bounds the fields that are visited, `depth` the recursion. */
function fieldSignatures(reader: FlatReader, at: number, budget: { left: number }, depth: number): string {
  if (depth > 4) throw new RangeError('fields nested too deep');
  const fields = reader.vector(at, 4);
  const signatures: string[] = [];
  for (let i = 0; i < fields.count; i++) {
    if (--budget.left < 0) throw new RangeError('too many fields');
    const field = reader.follow(fields.start + 4 * i);
    const children = () => fieldSignatures(reader, reader.field(field, 5), budget, depth + 1);
    signatures.push(`${textAt(reader, reader.field(field, 0))}:${typeSignature(reader, field, children)}`);
  }
  return signatures.join(',');
}

function typeSignature(reader: FlatReader, field: number, children: () => string): string {
  const typeId = reader.uint8(reader.field(field, 2), 0);
  const at = reader.field(field, 3);
  const type = at === 0 ? 0 : reader.follow(at);
  const integer = (index: number) => (type === 0 ? 0 : reader.int32(reader.field(type, index), 0));
  switch (typeId) {
    case 2:
      return `${reader.uint8(type === 0 ? 0 : reader.field(type, 1), 0) === 1 ? 'int' : 'uint'}${integer(0)}`;
    case 3:
      return `float${16 << (type === 0 ? 0 : reader.int16(reader.field(type, 0), 0))}`;
    case 5:
      return 'utf8';
    case 12:
      return `list<${children()}>`;
    case 13:
      return `struct<${children()}>`;
    case 16:
      return `fixed${integer(0)}<${children()}>`;
    default:
      return `type${typeId}`;
  }
}

export interface BatchLayout {
  readonly numRows: number;
  /** Rows of each field node, in depth-first order; a node with nulls is refused. */
  readonly nodes: readonly number[];
  /** [offset, length] of each buffer inside the body. */
  readonly regions: readonly (readonly [number, number])[];
}

/** @throws RangeError when the message is no plain record batch, or a buffer leaves its body. */
export function readBatchLayout(header: MessageHeader): BatchLayout {
  if (header.kind !== 'record-batch') throw new RangeError(`a ${header.kind} where a record batch belongs`);
  const { reader, table, bodyLength } = header;
  if (reader.field(table, 3) !== 0) throw new RangeError('a compressed body');
  const nodes = reader.vector(reader.field(table, 1), 16);
  const regions = reader.vector(reader.field(table, 2), 16);
  return {
    numRows: reader.length64(reader.field(table, 0)),
    nodes: Array.from({ length: nodes.count }, (_, i) => {
      if (reader.length64(nodes.start + 16 * i + 8) !== 0) throw new RangeError('nulls');
      return reader.length64(nodes.start + 16 * i);
    }),
    regions: Array.from({ length: regions.count }, (_, i) => {
      const offset = reader.length64(regions.start + 16 * i);
      const length = reader.length64(regions.start + 16 * i + 8);
      if (offset + length > bodyLength || offset % 8 !== 0) throw new RangeError('a buffer outside its body');
      return [offset, length] as const;
    }),
  };
}
