/**
 * Texts that exporters pack into a .tflite: a ZIP behind the model, with labels (TensorFlow Lite's metadata) or with
 * what Ultralytics writes down.
 *
 * Source: APPNOTE.TXT 4.3.16 (end of central directory); ai.google.dev/edge/litert/models/metadata (associated files).
 */
import { fromBufferPromise } from 'yauzl';

const END = Buffer.from('PK\x05\x06', 'latin1');
const END_BYTES = 22;
const LONGEST_COMMENT = 65_535;
/** Labels and metadata are some KB. */
const MOST_BYTES = 1 << 22;
const MOST_FILES = 16;

/** Texts by their names in the ZIP, {} where there is none or it is damaged. Never throws. */
export async function packedTexts(bytes: Buffer): Promise<Record<string, string>> {
  const archive = archiveIn(bytes);
  if (archive === null) return {};
  const texts: (readonly [name: string, text: string])[] = [];
  try {
    const zip = await fromBufferPromise(archive, { lazyEntries: true });
    for await (const entry of zip.eachEntry()) {
      if (!/\.(txt|json|ya?ml)$/i.test(entry.fileName) || entry.uncompressedSize > MOST_BYTES) continue;
      const chunks: Buffer[] = [];
      // yauzl sees to it that there are as many bytes as the entry claims.
      for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      texts.push([entry.fileName, Buffer.concat(chunks).toString('utf8')]);
      if (texts.length === MOST_FILES) break;
    }
  } catch {
    // What was read until then is as good as it was.
  }
  return Object.fromEntries(texts);
}

/** From where the offsets of the ZIP count: its own beginning, or that of the file. null: there is none. */
function archiveIn(bytes: Buffer): Buffer | null {
  const tail = Math.max(0, bytes.length - END_BYTES - LONGEST_COMMENT);
  const end = bytes.subarray(tail).lastIndexOf(END) + tail;
  if (end < tail || end + END_BYTES > bytes.length) return null;
  const start = end - bytes.readUInt32LE(end + 12) - bytes.readUInt32LE(end + 16);
  return start < 0 ? null : bytes.subarray(start);
}
