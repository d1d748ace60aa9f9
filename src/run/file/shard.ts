/** Which part of a data set an image falls into. */
import { createHash } from 'node:crypto';

/**
 * The shard of an image, [0, count): the first four bytes of the SHA-256 of its id (UTF-8), as an unsigned integer,
 * modulo the count. By the id alone: images that are added leave the shards of the others as they were.
 */
export function shardOf(id: string, count: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % count;
}
